//! Latencies in logarithmic buckets: 32 for each doubling, so a quantile is right to some three percent.

const SUB_BITS: u32 = 5;
const SUB: u64 = 1 << SUB_BITS;

/// Counts of microseconds.
#[derive(Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Counts one.
    pub fn record(&mut self, micros: u64) {
        let bucket = bucket(micros);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The microseconds below which the share `quantile` (0 to 1) lies; 0 when nothing was counted.
    pub fn quantile(&self, quantile: f64) -> f64 {
        let rank = (self.total as f64 * quantile).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank.max(1) {
                return middle(bucket);
            }
        }
        0.0
    }
}

fn bucket(micros: u64) -> usize {
    if micros < SUB {
        return micros as usize;
    }
    let shift = micros.ilog2() - SUB_BITS;
    ((u64::from(shift) * SUB) + (micros >> shift)) as usize
}

fn middle(bucket: usize) -> f64 {
    let bucket = bucket as u64;
    if bucket < 2 * SUB {
        return bucket as f64;
    }
    let shift = bucket / SUB - 1;
    let low = (bucket % SUB + SUB) << shift;
    low as f64 + (1u64 << shift) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_three_percent() {
        let mut histogram = Histogram::default();
        (1..=100_000).for_each(|micros| histogram.record(micros));
        for quantile in [0.01, 0.5, 0.99, 1.0] {
            let exact = 100_000.0 * quantile;
            assert!((histogram.quantile(quantile) - exact).abs() / exact < 0.032, "{quantile}");
        }
        assert_eq!(histogram.total(), 100_000);
    }

    #[test]
    fn every_value_lies_in_its_bucket() {
        for micros in (0..10_000).chain([1 << 40, u64::MAX >> 8]) {
            let middle = middle(bucket(micros));
            assert!((middle - micros as f64).abs() <= micros as f64 / 32.0 + 1.0, "{micros} {middle}");
        }
    }
}

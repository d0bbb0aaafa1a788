//! How many bits of a value nobody can predict, estimated from a few values in the order in which they were issued.

use std::collections::BTreeSet;

use crate::cx::random;

/// What specifications ask for at least (RFC 6749 section 10.10), less the error of an estimate from two dozen values.
pub(super) const TOO_FEW_BITS: f64 = 120.0;

/// Estimates the random bits of each value.
///
/// What rises from value to value (a fixed prefix, a counter, a clock) counts for nothing, nor does a place that never
/// changes. The rest counts by how often two values agree there. It is an estimate of what looks random: a weak generator
/// behind a hash looks random.
pub(super) fn estimate(values: &[String]) -> f64 {
    let distinct: BTreeSet<&String> = values.iter().collect();
    let shortest = values.iter().map(String::len).min().unwrap_or_default();
    if values.len() < 2 || distinct.len() < values.len() {
        return 0.0;
    }
    let rising =
        (0..=shortest).take_while(|length| rises(values, *length, |one, next| one <= next)).last().unwrap_or_default();
    // Once every value is above the one before, whatever follows is in order by itself.
    let rising = (0..rising).find(|length| rises(values, *length, |one, next| one < next)).unwrap_or(rising);
    let mut alphabet = BTreeSet::new();
    let (mut places, mut agreement) = (0.0, 0.0);
    for place in rising..shortest {
        let mut counts = [0.0_f64; 256];
        for value in values {
            counts[usize::from(value.as_bytes()[place])] += 1.0;
        }
        if counts.iter().filter(|count| **count > 0.0).count() < 2 {
            continue;
        }
        alphabet.extend(values.iter().map(|value| value.as_bytes()[place]));
        places += 1.0;
        agreement += counts.iter().map(|count| count * (count - 1.0)).sum::<f64>();
    }
    if places == 0.0 {
        return 0.0;
    }
    #[allow(clippy::cast_precision_loss)] // a few dozen
    let (pairs, letters) = ((values.len() * (values.len() - 1)) as f64, alphabet.len() as f64);
    let agree = (agreement / (places * pairs)).max(1.0 / letters);
    places * -agree.log2()
}

/// Whether this holds for the first `length` bytes of each value and the next.
fn rises(values: &[String], length: usize, holds: fn(&[u8], &[u8]) -> bool) -> bool {
    values.windows(2).all(|pair| holds(&pair[0].as_bytes()[..length], &pair[1].as_bytes()[..length]))
}

/// A value of the same look whose second half is drawn anew: letters stay letters, figures stay figures.
pub(super) fn made_up(like: &str) -> String {
    let half = like.chars().count() / 2;
    let mut dice = String::new();
    like.chars()
        .enumerate()
        .map(|(place, letter)| {
            if place < half || !letter.is_ascii_alphanumeric() {
                return letter;
            }
            loop {
                if dice.is_empty() {
                    dice = random();
                }
                // Just refilled if it was empty.
                let drawn = dice.pop().unwrap_or('a');
                let fits = |test: fn(&char) -> bool| test(&letter) && test(&drawn);
                if fits(char::is_ascii_digit) || fits(char::is_ascii_lowercase) || fits(char::is_ascii_uppercase) {
                    return drawn;
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{TOO_FEW_BITS, estimate, made_up};
    use crate::cx::random;

    fn values(make: impl Fn(usize) -> String) -> Vec<String> {
        (0..24).map(make).collect()
    }

    #[test]
    fn random_values_count_nearly_in_full() {
        let bits = estimate(&values(|_| random()));
        assert!((235.0..270.0).contains(&bits), "{bits}");
        let short = estimate(&values(|_| random()[..24].to_owned()));
        assert!((TOO_FEW_BITS..155.0).contains(&short), "144 bits: {short}");
    }

    #[test]
    fn prefixes_counters_and_clocks_count_for_nothing() {
        assert_eq!(estimate(&values(|number| format!("code-{:08}", 4096 + number))), 0.0);
        let clock =
            estimate(&values(|number| format!("c_{:013}.{}", 1_700_000_000_000_u64 + number as u64 * 17, random())));
        assert!((235.0..270.0).contains(&clock), "{clock}");
        assert!(estimate(&values(|_| random()[..8].to_owned())) < 60.0);
    }

    #[test]
    fn repeated_values_count_for_nothing() {
        let mut repeated = values(|_| random());
        repeated[8] = repeated[7].clone();
        assert_eq!(estimate(&repeated), 0.0);
        assert_eq!(estimate(&values(|_| "always".into())), 0.0);
    }

    #[test]
    fn made_up_values_keep_the_look() {
        let like = "sc_ac.0a1b2c3d4e5f6.Zz9-_abcdefghijklmnopq";
        let other = made_up(like);
        assert_eq!(other.len(), like.len());
        assert!(other.starts_with("sc_ac.0a1b2c3d4e5f6."));
        assert_ne!(other, like);
    }
}

//! The fuzz targets on stable: every committed seed, and many mutations of the seeds, the same in every run.
//!
//! A find is printed as bytes: put it into `fuzz/corpus/<target>/` once it is understood.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use testbed::targets::{ALL, Target};

/// Mutations of each target.
const ROUNDS: usize = 20_000;
/// Longer inputs than this are nothing new: the limits of all parsers lie below.
const LONGEST: usize = 40 * 1024;
/// What all targets together may take at their peak. The seeds and the largest inputs are far below.
const MOST_MEMORY_KIB: u64 = 512 * 1024;

/// Pieces that parsers look for.
const WORDS: &[&[u8]] = &[
    b"&",
    b"=",
    b"%00",
    b"%0A",
    b"%",
    b"+",
    b"#",
    b"?",
    b"@",
    b"\\",
    b"/../",
    b"//",
    b":",
    b"\"",
    b"{",
    b"}",
    b"[[[[",
    b"null",
    b"client_id=",
    b"redirect_uri=",
    b"resource=",
    b"state=",
    b"scope=openid",
    b"prompt=none",
    b"request=",
    b"code=",
    b"\n",
    b"Basic ",
    b"Bearer ",
    b".",
    b"..",
    b"sc_ac.",
    b"eyJ",
    b"\xff",
    b"\xc3\xa9",
    b"\x00",
    b"127.0.0.1",
    b"[::1]",
    b"javascript:",
    b"\"alg\":\"none\"",
    b"\"keys\":",
    b"\"d\":",
    b"999999999999999999999",
    b"-1",
    b"1e9",
    b"\\u0000",
    b"https://",
    b"http://",
];

/// SplitMix64: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`; zero where nothing is.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).expect("small")).expect("small")
    }
}

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(input.len() + 1);
        match numbers.below(8) {
            0 if at < input.len() => input[at] ^= 1 << numbers.below(8),
            1 => input.insert(at, u8::try_from(numbers.below(256)).expect("a byte")),
            2 if at < input.len() => drop(input.remove(at)),
            3 => drop(input.splice(at..at, WORDS[numbers.below(WORDS.len())].iter().copied())),
            4 => input.truncate(at),
            5 => {
                // A piece of another seed.
                let other = &seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len() + 1);
                let to = from + numbers.below(other.len() - from + 1);
                drop(input.splice(at..at, other[from..to].iter().copied()));
            }
            6 => {
                // The same again, many times over.
                let piece = input[at..(at + 1 + numbers.below(16)).min(input.len())].to_vec();
                let times = 1 << numbers.below(12);
                drop(input.splice(at..at, piece.iter().copied().cycle().take(piece.len() * times)));
            }
            _ if at + 1 < input.len() => input.swap(at, at + 1),
            _ => {}
        }
        input.truncate(LONGEST);
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{folder:?}: {error}"))
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).expect("a readable seed")).collect()
}

fn run(name: &str, target: Target) {
    let seeds = corpus(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let mut numbers = Numbers(name.bytes().map(u64::from).sum());
    let try_one = |input: &[u8]| {
        if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
            panic!("{name} breaks a law on {:?}", String::from_utf8_lossy(input));
        }
    };
    seeds.iter().for_each(|seed| try_one(seed));
    let mut input = Vec::new();
    for round in 0..ROUNDS {
        // Mutations pile up for a while, so that the walk gets farther from its seed.
        if round % 8 == 0 {
            input.clone_from(&seeds[numbers.below(seeds.len())]);
        }
        mutate(&mut input, &seeds, &mut numbers);
        try_one(&input);
    }
}

/// The most memory this process ever had, in KiB; `None` where the system does not tell.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn no_seed_and_no_mutation_of_one_breaks_a_law_or_takes_much_memory() {
    let half = ALL.len() / 2;
    std::thread::scope(|scope| {
        for part in [&ALL[..half], &ALL[half..]] {
            scope.spawn(move || part.iter().for_each(|(name, target)| run(name, *target)));
        }
    });
    if let Some(peak) = peak_memory() {
        assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
    }
}

#[test]
fn every_target_has_a_corpus_and_a_binary_and_nothing_else_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let listed = |folder: &str| {
        let mut names: Vec<String> = std::fs::read_dir(root.join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let names: Vec<String> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed("corpus"), names);
    assert_eq!(listed("fuzz_targets"), names);
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

//! What needs no libFuzzer: random inputs for comparison, what inputs stand for, and which of a campaign's finds to keep.
//!
//! `plain random TARGET RUNS [SEED]`, `plain cases TARGET FILE…`, `plain keep TARGET FROM TO [MOST]`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use nevernone_fuzz::laws::{Target, named};

/// As long as libFuzzer's own inputs get where no corpus has longer ones.
const LONGEST: u64 = 4_096;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn run(words: &[&str]) -> Result<(), String> {
    let usage = "plain random TARGET RUNS [SEED] | cases TARGET FILE… | keep TARGET FROM TO [MOST]";
    let [command, name, rest @ ..] = words else { return Err(usage.to_owned()) };
    let target = named(name).ok_or_else(|| format!("there is no target `{name}`"))?;
    match (*command, rest) {
        ("random", [runs, seed @ ..]) => {
            let number = |text: &&str| text.parse().map_err(|_| format!("`{text}` is no number"));
            let seed = seed.first().map_or(Ok(1), number)?;
            random(&target, number(runs)?, seed);
            Ok(())
        }
        ("cases", files) => files.iter().try_for_each(|file| case(&target, Path::new(file))),
        ("keep", [from, to]) => keep(&target, Path::new(from), Path::new(to), usize::MAX),
        ("keep", [from, to, most]) => {
            let most = most.parse().map_err(|_| format!("`{most}` is no number"))?;
            keep(&target, Path::new(from), Path::new(to), most)
        }
        _ => Err(usage.to_owned()),
    }
}

/// Random lengths of random bytes. An input that breaks the law ends this with its panic.
fn random(target: &Target, runs: u64, mut seed: u64) {
    let started = Instant::now();
    let mut next = || {
        // SplitMix64: enough for bytes that nothing guides.
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    };
    let mut bytes = Vec::new();
    for _ in 0..runs {
        // As many short ones as long ones, as in a corpus.
        let longest = LONGEST >> (next() % 12);
        let length = usize::try_from(next() % (longest + 1)).expect("it is short");
        bytes.clear();
        while bytes.len() < length {
            bytes.extend_from_slice(&next().to_le_bytes());
        }
        bytes.truncate(length);
        (target.law)(&bytes);
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{}: {runs} random inputs kept the law in {seconds:.1} s", target.name);
}

fn case(target: &Target, file: &Path) -> Result<(), String> {
    let case = (target.case)(&read(file)?);
    println!("{}: {}", file.display(), case.unwrap_or_else(|| "nothing".to_owned()));
    Ok(())
}

/// Adds the finds that stand for a case that no kept input stands for yet, each in the form in which it is kept, under a
/// name that its bytes give; the shortest, if there are more than `most`.
fn keep(target: &Target, from: &Path, to: &Path, most: usize) -> Result<(), String> {
    let mut known = BTreeMap::new();
    for file in files(to)? {
        if let Some(case) = (target.case)(&read(&file)?) {
            known.insert(case, file);
        }
    }
    let mut kept = 0;
    for file in files(from)? {
        let bytes = (target.kept)(&read(&file)?);
        let Some(case) = (target.case)(&bytes) else { continue };
        let name = to.join(format!("{:016x}", hash(&bytes)));
        if known.contains_key(&case) || kept == most {
            continue;
        }
        fs::write(&name, &bytes).map_err(|error| format!("{}: {error}", name.display()))?;
        known.insert(case, name);
        kept += 1;
    }
    println!("{}: {kept} of {} are new cases", target.name, files(from)?.len());
    Ok(())
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The shortest first, so that of two inputs for one case the shorter is kept.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort_by_cached_key(|path| (fs::metadata(path).map_or(0, |metadata| metadata.len()), path.clone()));
    Ok(files)
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

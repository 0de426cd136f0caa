//! What a test is called: on disk, and in this process, where no two may have one name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use super::program::Program;
use super::target::{Kind, Target};
use crate::hash::History;

/// Longer names are no file names on common file systems, which end at 255 bytes; shards and drafts add to them.
const LONGEST: usize = 200;

/// A name for files and folders, another one for every test of a package: `startup.cold.no_request` for
/// `startup::cold::no_request`. Library, programs, examples and benchmarks are named before it, since their crates may be
/// called like an integration test's.
pub(super) fn on_disk(scenario: &str, target: &Target, program: &Program) -> String {
    let kind = match target.kind(program) {
        Kind::Unknown | Kind::Integration(_) => "",
        Kind::Library => "lib-",
        Kind::Program(_) => "bin-",
        Kind::Example(_) => "example-",
        Kind::Benchmark(_) => "bench-",
    };
    let name = format!("{kind}{}", encoded(scenario));
    if name.len() <= LONGEST {
        return name;
    }
    let mut hash = History::default();
    hash.mix_bytes(name.as_bytes());
    // Encoded names are ASCII, so they can be cut anywhere.
    format!("{}-{:016x}", &name[..LONGEST], hash.value())
}

/// Letters, digits, `_` and `-` stay, `::` becomes a dot, everything else `%xx`: two names never become one.
fn encoded(name: &str) -> String {
    if name.is_empty() {
        return "%".to_owned();
    }
    let mut text = String::with_capacity(name.len());
    for (index, part) in name.split("::").enumerate() {
        if index > 0 {
            text.push('.');
        }
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || b"_-".contains(&byte) {
                text.push(byte as char);
            } else {
                // Writing to a string cannot fail.
                let _ = write!(text, "%{byte:02x}");
            }
        }
    }
    text
}

/// A test of this process begins.
///
/// # Errors
/// Where another of the same name began before it: both would write one report and one file of tokens.
pub(super) fn claim(scenario: &str, target: &Target) -> Result<(), String> {
    static BEGAN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let place = target.place.map_or("a call of `testing::run`".to_owned(), |(file, line)| format!("{file}:{line}"));
    // Nothing happens under the lock that could panic half-way.
    let mut began = BEGAN.lock().unwrap_or_else(PoisonError::into_inner);
    match began.insert(scenario.to_owned(), place.clone()) {
        None => Ok(()),
        Some(first) => Err(format!(
            "two scenarios of this test program are called `{scenario}`, the first from {first}, this one from {place}: a \
             token, a report or a regressions file could mean either; rename one"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{Program, Target, claim, on_disk};

    fn name(scenario: &str) -> String {
        on_disk(scenario, &Target::default(), &Program::default())
    }

    #[test]
    fn a_path_becomes_a_readable_file_name() {
        assert_eq!(name("startup::cold::no_request"), "startup.cold.no_request");
        assert_eq!(name("startup/early-request"), "startup%2fearly-request");
        assert_eq!(name("../../etc/passwd"), "%2e%2e%2f%2e%2e%2fetc%2fpasswd");
        assert_eq!(name("größe"), "gr%c3%b6%c3%9fe");
    }

    #[test]
    fn two_tests_never_share_a_file() {
        let target = Target { crate_name: Some("shop"), ..Target::default() };
        let kinds = [
            Target { scratch: Some("/tmp"), ..target },
            target,
            Target { program: Some("shop"), ..target },
            Target { scratch: Some("/tmp"), place: Some(("benches/shop.rs", 1)), ..target },
        ];
        let mut names: Vec<String> =
            kinds.iter().map(|target| on_disk("shop::same", target, &Program::default())).collect();
        names.push(on_disk("shop::same", &kinds[2], &Program::of("/target/debug/examples/shop-1")));
        let long = "x".repeat(300);
        names.extend(
            ["a::b", "a.b", "a%2eb", "a:b", "a/b", "", ".", "..", &format!("{long}y"), &format!("{long}z")].map(name),
        );
        let count = names.len();
        assert!(names.iter().all(|name| name.len() < 230), "{names:?}");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
    }

    #[test]
    fn the_second_of_one_name_is_told_where_the_first_is() {
        let place = |line| Target { place: Some(("tests/a.rs", line)), ..Target::default() };
        assert_eq!(claim("claimed twice", &place(3)), Ok(()));
        assert_eq!(claim("claimed once", &place(3)), Ok(()));
        let refused = claim("claimed twice", &place(9)).unwrap_err();
        for words in ["`claimed twice`", "tests/a.rs:3", "tests/a.rs:9", "rename one"] {
            assert!(refused.contains(words), "{refused}");
        }
    }
}

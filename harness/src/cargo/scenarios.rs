//! Which of a program's tests are scenarios, found without running any.
//!
//! `#[nevernone::test]` leaves `<nevernone::test NAME>` in the program's file, among its constants. A text may stand there
//! by chance, or belong to a function that is no test; so what counts is what the program itself lists as well.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use super::Problem;
use super::project::Binary;

/// What stands before a scenario's name.
const BEFORE: &[u8] = b"<nevernone::test ";

/// What ends it.
const AFTER: u8 = b'>';

/// A scenario that is a test.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) binary: Binary,
    /// As the test harness calls it.
    pub(super) path: String,
    /// As its tokens call it.
    pub(super) scenario: String,
    /// As it is called here: where two packages have a scenario of one name, with the package's name before it.
    pub(super) name: String,
    /// `cargo test` leaves it out unless it is asked for.
    pub(super) ignored: bool,
    /// Another package has a scenario of that name.
    pub(super) ambiguous: bool,
}

/// All scenarios of these programs, in their order.
pub(super) fn find(binaries: &[Binary]) -> Result<Vec<Test>, Problem> {
    let mut tests = Vec::new();
    for binary in binaries {
        let marked = File::open(&binary.executable).and_then(|file| marked(BufReader::with_capacity(1 << 20, file)));
        let marked = marked.map_err(|source| Problem::Unreadable { path: binary.executable.clone(), source })?;
        if !marked.is_empty() {
            tests.extend(confirmed(binary, &marked)?);
        }
    }
    name_apart(&mut tests)?;
    Ok(tests)
}

/// The names that are marked in a program's file.
fn marked(mut program: impl BufRead) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut piece = Vec::new();
    while program.read_until(AFTER, &mut piece)? > 0 {
        if piece.pop() == Some(AFTER) {
            let begin = piece.iter().rposition(|byte| !is_of_path(*byte)).map_or(0, |last| last + 1);
            let (before, name) = piece.split_at(begin);
            if before.ends_with(BEFORE) && name.contains(&b':') {
                names.extend(String::from_utf8(name.to_vec()));
            }
        }
        piece.clear();
    }
    Ok(names)
}

/// Whether it may stand in the path of a function; names need not be ASCII.
fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_:#".contains(&byte) || !byte.is_ascii()
}

/// The marked ones that the program lists, in its order.
fn confirmed(binary: &Binary, marked: &BTreeSet<String>) -> Result<Vec<Test>, Problem> {
    let by_path: HashMap<&str, &String> =
        marked.iter().filter_map(|name| Some((name.split_once("::")?.1, name))).collect();
    let ignored: BTreeSet<String> = listed(binary, &["--ignored"])?.into_iter().collect();
    let listed = listed(binary, &[])?.into_iter();
    let known = listed.filter_map(|path| by_path.get(path.as_str()).map(|name| (path, (*name).clone())));
    let test = |(path, name): (String, String)| Test {
        binary: binary.clone(),
        ignored: ignored.contains(&path),
        path,
        scenario: name.clone(),
        name,
        ambiguous: false,
    };
    Ok(known.map(test).collect())
}

fn listed(binary: &Binary, more: &[&str]) -> Result<Vec<String>, Problem> {
    let mut list = binary.command();
    list.args(["--list", "--format", "terse"]).args(more).stdin(Stdio::null()).stderr(Stdio::inherit());
    let unlisted = |reason: String| Problem::Unlisted { path: binary.executable.clone(), reason };
    let output = list.output().map_err(|error| unlisted(error.to_string()))?;
    if !output.status.success() {
        return Err(unlisted(output.status.to_string()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// Gives every scenario a name of its own.
fn name_apart(tests: &mut [Test]) -> Result<(), Problem> {
    for index in 0..tests.len() {
        let Test { scenario, binary, .. } = &tests[index];
        let same = tests.iter().enumerate().filter(|(other, test)| *other != index && test.scenario == *scenario);
        let same: Vec<&Test> = same.map(|(_, test)| test).collect();
        if let Some(other) = same.iter().find(|other| other.binary.package == binary.package) {
            return Err(Problem::DoubledName {
                name: scenario.clone(),
                package: binary.package.clone(),
                targets: [binary.target.clone(), other.binary.target.clone()],
            });
        }
        if !same.is_empty() {
            let name = format!("{}/{scenario}", binary.package);
            (tests[index].name, tests[index].ambiguous) = (name, true);
        }
    }
    Ok(())
}

/// What a program's file is called in messages.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn names_stand_between_their_marks() {
        let program = b"\0\x01<nevernone::test shop::cold::start>><nevernone::test <nevernone::test \xc3\xa4::b>x\
            <nevernone::test no name>(<nevernone::test lone><tokio::test not::ours><nevernone::test a::cut";
        let found: Vec<String> = marked(&program[..]).unwrap().into_iter().collect();
        assert_eq!(found, ["shop::cold::start", "ä::b"]);
    }
}

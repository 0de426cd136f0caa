//! Under nextest the second scenario of one name begins in a process of its own. So whoever begins there leaves a word
//! beside its report: which test it is, and in which run of nextest.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

/// Beside the report, for one run of nextest; a later one writes it anew.
const FILE: &str = ".nextest";

/// A test of one run of nextest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    /// `NEXTEST_RUN_ID`.
    run: String,
    /// The program's file and the test in it.
    test: String,
}

impl Turn {
    /// This process's own; `None` where nextest is not asked, or too old to say which run it is.
    pub(super) fn this() -> Option<Self> {
        let run = std::env::var("NEXTEST_RUN_ID").ok().filter(|_| std::env::var_os("NEXTEST").is_some())?;
        let program = std::env::current_exe().ok()?;
        // nextest names the one test that it wants, and nothing else.
        let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
        Some(Turn { run, test: format!("`{}` of {}", words.next()?, program.file_name()?.display()) })
    }

    /// Takes the folder of a scenario's reports for this test.
    ///
    /// # Errors
    /// Where another test of the same run has it: it would be overwritten.
    pub(super) fn take(&self, scenario: &str, folder: &Path) -> Result<(), String> {
        // Where nothing can be written no report is written either, and that is told.
        match self.left_by(folder) {
            Ok(Some(other)) if other.run == self.run && other.test != self.test => Err(format!(
                "two scenarios are called `{scenario}`, one in the test {}, one in {}: a token, a report or a regressions \
                 file could mean either; rename one",
                other.test, self.test
            )),
            _ => Ok(()),
        }
    }

    /// Who had the folder before; where it was none of this run, it is this one from now on.
    fn left_by(&self, folder: &Path) -> io::Result<Option<Turn>> {
        fs::create_dir_all(folder)?;
        let path = folder.join(FILE);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        // Held until the file is closed: both may begin at one time.
        file.lock()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let other = text.split_once('\n').map(|(run, test)| Turn { run: run.to_owned(), test: test.to_owned() });
        if other.as_ref().is_none_or(|other| other.run != self.run) {
            file.rewind()?;
            file.set_len(0)?;
            file.write_all(format!("{}\n{}", self.run, self.test).as_bytes())?;
        }
        Ok(other)
    }
}

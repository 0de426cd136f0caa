//! The program that a test stands in: where cargo put it, and who runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// More folders than that are between no program and its target folder.
const DEPTH: usize = 8;

/// What this process knows of its own program.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    /// `None` where the operating system does not say.
    path: Option<PathBuf>,
    /// nextest runs it, a process for each test.
    pub(super) under_nextest: bool,
}

impl Program {
    /// This process's own.
    pub(super) fn this() -> Self {
        Program { path: std::env::current_exe().ok(), under_nextest: std::env::var_os("NEXTEST").is_some() }
    }

    #[cfg(test)]
    pub(super) fn of(path: impl Into<PathBuf>) -> Self {
        Program { path: Some(path.into()), under_nextest: false }
    }

    #[cfg(test)]
    pub(super) fn under_nextest() -> Self {
        Program { path: None, under_nextest: true }
    }

    /// Cargo puts examples into a folder of their own.
    pub(super) fn is_example(&self) -> bool {
        self.folder(1) == Some(OsStr::new("examples"))
    }

    /// How cargo is told the profile, where it is the one that has an argument of its own.
    pub(super) fn profile_argument(&self) -> &'static str {
        if self.folder(2) == Some(OsStr::new("release")) { " --release" } else { "" }
    }

    /// The target folder of the user's workspace: cargo marks it for backup programs.
    pub(super) fn target_folder(&self) -> Option<&Path> {
        let mut folders = self.path.as_deref()?.ancestors().skip(1).take(DEPTH);
        folders.find(|folder| folder.join("CACHEDIR.TAG").is_file())
    }

    /// The name of a folder above the program, from 1.
    fn folder(&self, level: usize) -> Option<&OsStr> {
        self.path.as_deref()?.ancestors().nth(level)?.file_name()
    }
}

#[cfg(test)]
mod tests {
    use super::Program;

    #[test]
    fn the_target_folder_of_this_very_program_is_found() {
        let found = Program::this().target_folder().map(std::path::Path::to_owned).expect("cargo built this");
        let program = std::env::current_exe().unwrap();
        assert!(program.starts_with(&found) && found.join("CACHEDIR.TAG").is_file(), "{}", found.display());
        assert!(!found.ends_with("debug") && !found.ends_with("deps"), "{}", found.display());
    }

    #[test]
    fn a_program_that_cargo_did_not_build_has_none() {
        assert_eq!(Program::of("/usr/bin/true").target_folder(), None);
        assert_eq!(Program::default().target_folder(), None);
    }
}

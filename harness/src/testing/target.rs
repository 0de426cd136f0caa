//! Where a test was built, for the line that runs it again and for the files that belong to it.

use super::program::Program;

/// What cargo says to the compiler of a test about its package and target; `None` where it says nothing.
/// `#[nevernone::test]` fills it in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Target {
    /// `CARGO_PKG_NAME`.
    pub package: Option<&'static str>,
    /// `CARGO_MANIFEST_DIR`, the package's folder.
    pub folder: Option<&'static str>,
    /// `CARGO_CRATE_NAME`, in which every hyphen of the target's name became an underscore.
    pub crate_name: Option<&'static str>,
    /// `CARGO_BIN_NAME`, which only programs and examples have.
    pub program: Option<&'static str>,
    /// `CARGO_TARGET_TMPDIR`, which only integration tests and benchmarks have.
    pub scratch: Option<&'static str>,
    /// File and line of the test, for a verdict that no property's line explains.
    pub place: Option<(&'static str, u32)>,
}

/// The kinds of target that tests can stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unknown,
    Library,
    Program(&'static str),
    Example(&'static str),
    Integration(&'static str),
    Benchmark(&'static str),
}

impl Target {
    /// The shell line that replays a token of a test; `name` is its path, the crate's name included.
    pub(super) fn replay_line(&self, name: &str, token: &str, program: &Program) -> String {
        let test = path_in_crate(name);
        let package = self.package.map(|package| format!(" -p {package}")).unwrap_or_default();
        let target = self.kind(program).argument();
        let profile = program.profile_argument();
        let run = if program.under_nextest {
            format!("nextest run{package}{target}{profile} -E 'test(={test})' --no-capture")
        } else {
            format!("test{package}{target}{profile} {test} -- --exact --nocapture")
        };
        format!("NEVERNONE_REPLAY='{token}' cargo {run}")
    }

    pub(super) fn kind(&self, program: &Program) -> Kind {
        match (self.crate_name, self.program, self.scratch) {
            (None, ..) => Kind::Unknown,
            (_, Some(name), _) if program.is_example() => Kind::Example(name),
            (_, Some(name), _) => Kind::Program(name),
            (Some(name), None, Some(_)) if self.stands_among_benchmarks() => Kind::Benchmark(name),
            (Some(name), None, Some(_)) => Kind::Integration(name),
            (Some(name), None, None) if program.is_example() => Kind::Example(name),
            (Some(_), None, None) => Kind::Library,
        }
    }

    /// Cargo tells the compiler the same of integration tests and of benchmarks.
    fn stands_among_benchmarks(&self) -> bool {
        let file = self.place.map_or("", |(file, _)| file);
        let mut folders = file.rsplit(['/', '\\']).skip(1);
        folders.find(|folder| ["tests", "benches"].contains(folder)) == Some("benches")
    }
}

impl Kind {
    fn argument(self) -> String {
        match self {
            Kind::Unknown => String::new(),
            Kind::Library => " --lib".to_owned(),
            Kind::Program(name) => format!(" --bin {name}"),
            Kind::Example(name) => format!(" --example {}", as_pattern(name)),
            Kind::Integration(name) => format!(" --test {}", as_pattern(name)),
            Kind::Benchmark(name) => format!(" --bench {}", as_pattern(name)),
        }
    }
}

/// How the test harness calls a test: without the crate's name.
pub(super) fn path_in_crate(name: &str) -> &str {
    name.split_once("::").map_or(name, |(_, path)| path)
}

/// The target may be written with hyphens, and cargo takes a pattern.
fn as_pattern(crate_name: &str) -> String {
    if crate_name.contains('_') { format!("'{}'", crate_name.replace('_', "[_-]")) } else { crate_name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Program, Target};

    fn integration() -> Target {
        Target {
            package: Some("shop"),
            crate_name: Some("startup"),
            scratch: Some("/tmp"),
            place: Some(("shop/tests/startup.rs", 7)),
            ..Target::default()
        }
    }

    fn line(target: Target, program: &Program) -> String {
        target.replay_line("startup::cold::no_request", "nn1:x", program)
    }

    #[test]
    fn the_replay_line_names_package_and_target() {
        let among_benchmarks = Some(("benches/startup.rs", 7));
        let cases = [
            (integration(), " -p shop --test startup"),
            (Target { crate_name: Some("start_up"), ..integration() }, " -p shop --test 'start[_-]up'"),
            (Target { scratch: None, ..integration() }, " -p shop --lib"),
            (Target { scratch: None, program: Some("shop-server"), ..integration() }, " -p shop --bin shop-server"),
            (Target { place: among_benchmarks, ..integration() }, " -p shop --bench startup"),
            (Target::default(), ""),
        ];
        for (target, arguments) in cases {
            let rest = "cold::no_request -- --exact --nocapture";
            assert_eq!(
                line(target, &Program::default()),
                format!("NEVERNONE_REPLAY='nn1:x' cargo test{arguments} {rest}")
            );
        }
    }

    #[test]
    fn an_example_is_told_from_a_program_by_its_folder() {
        let program = Program::of("/shop/target/debug/examples/tour-0123456789abcdef");
        let example = Target { scratch: None, program: Some("tour"), ..integration() };
        assert!(line(example, &program).contains("cargo test -p shop --example tour cold::"));
    }

    #[test]
    fn under_nextest_the_line_is_nextests() {
        let program = Program::under_nextest();
        let shown = line(integration(), &program);
        assert_eq!(
            shown,
            "NEVERNONE_REPLAY='nn1:x' cargo nextest run -p shop --test startup -E 'test(=cold::no_request)' --no-capture"
        );
    }

    #[test]
    fn a_release_build_is_replayed_by_one() {
        let program = Program::of("/shop/target/release/deps/startup-0123456789abcdef");
        assert!(line(integration(), &program).contains(" --test startup --release cold::"));
    }
}

//! Where a test was built, for the line that runs it again.

/// What cargo says to the compiler of a test about its package and target; `None` where it says nothing.
/// `#[nevernone::test]` fills it in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Target {
    /// `CARGO_PKG_NAME`.
    pub package: Option<&'static str>,
    /// `CARGO_CRATE_NAME`, in which every hyphen of the target's name became an underscore.
    pub crate_name: Option<&'static str>,
    /// `CARGO_BIN_NAME`, which only a program has.
    pub program: Option<&'static str>,
    /// `CARGO_TARGET_TMPDIR`, which only integration tests and benchmarks have.
    pub scratch: Option<&'static str>,
    /// File and line of the test, for a verdict that no property's line explains.
    pub place: Option<(&'static str, u32)>,
}

impl Target {
    /// The shell line that replays a token of a test; `name` is its path, the crate's name included.
    pub(super) fn replay_line(&self, name: &str, token: &str) -> String {
        let test = path_of(name);
        format!("NEVERNONE_REPLAY='{token}' cargo test{} {test} -- --exact --nocapture", self.arguments())
    }

    fn arguments(&self) -> String {
        let package = self.package.map(|package| format!(" -p {package}")).unwrap_or_default();
        let target = match (self.crate_name, self.program, self.scratch) {
            (None, ..) => String::new(),
            (_, Some(program), _) => format!(" --bin {program}"),
            (Some(name), None, Some(_)) => format!(" --test {}", as_pattern(name)),
            (Some(_), None, None) => " --lib".to_owned(),
        };
        package + &target
    }
}

/// What the test harness calls a test: its path without the crate's name.
pub(super) fn path_of(name: &str) -> &str {
    name.split_once("::").map_or(name, |(_, path)| path)
}

/// The target may be written with hyphens, and cargo takes a pattern.
fn as_pattern(crate_name: &str) -> String {
    if crate_name.contains('_') { format!("'{}'", crate_name.replace('_', "[_-]")) } else { crate_name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn the_replay_line_names_package_and_target() {
        let (package, crate_name, scratch) = (Some("shop"), Some("startup"), Some("/tmp"));
        let integration = Target { package, crate_name, scratch, ..Target::default() };
        let cases = [
            (integration, " -p shop --test startup"),
            (Target { crate_name: Some("start_up"), ..integration }, " -p shop --test 'start[_-]up'"),
            (Target { scratch: None, ..integration }, " -p shop --lib"),
            (Target { scratch: None, program: Some("shop-server"), ..integration }, " -p shop --bin shop-server"),
            (Target::default(), ""),
        ];
        for (target, arguments) in cases {
            let line = target.replay_line("startup::cold::no_request", "nn1:x");
            assert_eq!(
                line,
                format!("NEVERNONE_REPLAY='nn1:x' cargo test{arguments} cold::no_request -- --exact --nocapture")
            );
        }
    }
}

//! Isolated scenarios beside others, on the command line.

use std::path::PathBuf;
use std::sync::OnceLock;

use nevernone::cli::{self, CheckArguments, Command, ListArguments};
use nevernone::{Scenario, choose};

use crate::fresh;

static CELL: OnceLock<u32> = OnceLock::new();

/// The first fills what the second needs empty.
fn scenarios() -> [Scenario; 3] {
    let fills = Scenario::new("fills", || async {
        let _ = CELL.set(7);
        let _ = choose("a", 2);
    });
    let filled_by = |runs| {
        move || async move {
            assert_eq!(CELL.set(choose("value", runs)), Ok(()), "filled before");
        }
    };
    let isolated = |name, runs| Scenario::new(name, filled_by(runs)).isolated();
    [fills, isolated("isolated", 3), isolated("large", 1_200)]
}

fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("isolate-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[track_caller]
fn call(command: &Command) -> (u8, String) {
    let mut out = Vec::new();
    let code = cli::run(command, &scenarios(), "shop-check", &mut out).unwrap_or_else(|problem| panic!("{problem}"));
    (code, String::from_utf8(out).expect("text"))
}

#[test]
fn isolated_scenarios_are_searched_before_the_others_and_told_in_their_place() {
    fresh(|| {
        let out = scratch("check");
        let checkpoint = Some(out.join("checkpoint"));
        let (code, text) =
            call(&Command::Check(CheckArguments { jobs: Some(2), out, checkpoint, ..Default::default() }));
        assert_eq!(code, 0, "{text}");
        let place = |name: &str| text.find(name).unwrap_or_else(|| panic!("no `{name}` in:\n{text}"));
        assert!(place("fills") < place("isolated") && place("isolated") < place("large"), "{text}");
        assert!(text.contains("isolated: isolation: process") && text.contains("1200"), "{text}");
    });
}

#[test]
fn a_list_executes_nothing_in_its_own_process_before_the_isolated_ones() {
    fresh(|| {
        let (code, text) = call(&Command::List(ListArguments { unbounded: false, descents: 50 }));
        assert!(code == 0 && text.contains("1200 ± 0"), "{text}");
        assert!(text.find("fills") < text.find("isolated"), "told in their place:\n{text}");
    });
}

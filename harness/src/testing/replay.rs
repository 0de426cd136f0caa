//! `NEVERNONE_REPLAY`: one recorded run in place of a search. Writes nothing.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::filter::Filter;
use super::target::path_in_crate;
use super::{Target, red};
use crate::campaign;
use crate::choice::token::Token;
use crate::ending::Ending;
use crate::scenario::Scenario;

/// Executes the run of a token, and prints it.
///
/// # Errors
/// Where it fails or no longer fits, and where the token is another test's and that one does not run either.
pub(super) fn replay(scenario: &Scenario, token: &Token, target: &Target) -> Result<(), String> {
    if token.scenario != scenario.name() {
        return belongs_elsewhere(scenario.name(), &token.scenario, target);
    }
    let replayed =
        campaign::replay(scenario, token).map_err(|reason| red::headed_by(target, scenario.name(), &reason))?;
    match &replayed.ending {
        Ending::Failed(failure) => Err(red::told_again(failure, &replayed, target)),
        _ => {
            print!("{}\n{replayed}", scenario.name());
            Ok(())
        }
    }
}

/// A run of several tests replays in one of them, and the others have nothing to do. Where that one does not run, a test
/// that does nothing must not look as if it had replayed.
fn belongs_elsewhere(here: &str, there: &str, target: &Target) -> Result<(), String> {
    let problem = if !Filter::this().admits(there) {
        "is not among the tests that this command runs"
    } else if target.crate_name.is_some() && is_missing(here, there) {
        "is not in this test program any more"
    } else {
        println!("{here}: NEVERNONE_REPLAY holds a token of `{there}`, which is replayed there; nothing was run here");
        return Ok(());
    };
    Err(format!(
        "{here}: NEVERNONE_REPLAY holds a token of `{there}`, which {problem}, so nothing was replayed; run that test, \
         with the whole line that a red test prints, or unset the variable"
    ))
}

/// Whether a test is known not to be in this program, which is one of the standard test harness.
fn is_missing(here: &str, there: &str) -> bool {
    static LISTED: OnceLock<Option<String>> = OnceLock::new();
    let crate_of = |name: &str| name.split_once("::").map(|(name, _)| name.to_owned());
    if crate_of(here) != crate_of(there) {
        return false;
    }
    let listed = LISTED.get_or_init(|| {
        let program = std::env::current_exe().ok()?;
        let output = Command::new(program).args(["--list", "--format=terse"]).stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
    });
    let line = |name: &str| format!("{}: test", path_in_crate(name));
    // Where this very test is not listed either, the list is none.
    let has = |name: &str| listed.as_ref().is_some_and(|text| text.lines().any(|listed| listed == line(name)));
    has(here) && !has(there)
}

//! `NEVERNONE_REPLAY`: one recorded run in place of a search. Writes nothing.

use super::filter::Filter;
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
        return belongs_elsewhere(scenario.name(), &token.scenario, &Filter::this());
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

/// A run of several tests replays in one of them, and the others have nothing to do. Where that one is not asked for, a
/// test that does nothing must not look as if it had replayed.
fn belongs_elsewhere(here: &str, there: &str, filter: &Filter) -> Result<(), String> {
    if filter.admits(there) {
        println!("{here}: NEVERNONE_REPLAY holds a token of `{there}`, which is replayed there; nothing was run here");
        return Ok(());
    }
    Err(format!(
        "{here}: NEVERNONE_REPLAY holds a token of `{there}`, which is not among the tests that this command runs, so \
         nothing was replayed; run that test, with the whole line that a red test prints, or unset the variable"
    ))
}

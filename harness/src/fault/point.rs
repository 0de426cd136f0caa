//! Faults at the places that production code names with `nevernone_point::point`.

use std::panic::resume_unwind;

use nevernone_point::hook::{Asked, Replacement};

use super::attempt::{Given, attempt};
use crate::ending::{Failure, Location};
use crate::run::Unmet;
use crate::run::context::{try_with, with};
use crate::run::site::Site;

/// Puts the explorer behind every `point` of this process.
pub(super) fn install_hook() {
    nevernone_point::hook::install(replacement);
}

/// What a place gives instead of its future; `None` outside a run and for places that no scenario described.
fn replacement(asked: &Asked) -> Option<Replacement> {
    let name = asked.place;
    let site = try_with(|state| {
        // Told where a described place is never come to: most likely one of the two is misspelt.
        state.tally().came_to(name);
        state.site(name)
    });
    let site = site.flatten()?;
    if site.output != asked.output {
        refuse(&site, asked);
    }
    let attempt = attempt(&site.place);
    // What makes the values cannot be sent, so it is found again.
    Some(Box::pin(async move {
        let given = attempt.await;
        let site = try_with(|state| state.site(name)).flatten();
        let site = site.expect("a fault site outlives the futures of its run");
        match given {
            Given::Ok => (site.ok)(),
            Given::Err => (site.err)(),
        }
    }))
}

/// Fails the run at the production code's line.
fn refuse(site: &Site, asked: &Asked) -> ! {
    let failure = Failure {
        property: "panic".to_owned(),
        message: format!(
            "the point `{}` awaits a `{}`, and the `fault_at` of that name at {} gives a `{}`; make its `ok` and `err` \
             give exactly the two halves of what the point awaits",
            asked.place, asked.output_name, site.place.described_at, site.output_name
        ),
        location: Some(Location::from(asked.caller)),
    };
    with(|state| state.fail(failure));
    resume_unwind(Box::new(Unmet))
}

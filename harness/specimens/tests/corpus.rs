//! Every specimen is caught, and every repair is verified.

use std::collections::BTreeSet;

use nevernone::Ending;
use nevernone::campaign::replay;
use nevernone_specimens::outcome::{self, Outcome};
use nevernone_specimens::specimens;

#[test]
fn every_broken_specimen_is_caught_for_its_own_reason_and_replays() {
    // Its number, what it costs, the property that does not hold, and what is said about it.
    let expected = [
        ("N02", 1, "every manager that is given is complete", "does not hold"),
        ("N04", 0, "what counts as sent is received", "did not come true within 1s"),
        ("N05", 0, "an open socket is in the table", "does not hold"),
        ("N07", 1, "a later attempt can succeed", "does not hold"),
        ("N12", 0, "a user gets another thread's event", "does not hold"),
        ("N13", 0, "what is read is what was sent", "does not hold"),
        ("N14", 1, "ready means that every agent is wired", "does not hold"),
        ("B04", 1, "stuck", "have not ended: second caller."),
        ("B09", 0, "stuck", "have not ended: startup, request."),
        ("B10", 0, "nobody meets an empty topology", "does not hold"),
        ("B16", 1, "there is a configuration or an error", "does not hold"),
        ("B20", 0, "what is emitted after the wiring is delivered", "does not hold"),
        ("B23", 1, "a pool whose connections are all free has one", "does not hold"),
        ("B24", 1, "stuck", "have not ended: scenario, caller."),
        ("B30", 0, "a server that was told to stop ends", "did not come true within 3s"),
        ("B39", 1, "readiness resolves", "did not come true within 30s"),
        ("B43", 0, "the heart beats", "did not come true within 10s"),
    ];
    assert_eq!(specimens().len(), expected.len());
    for (specimen, (id, cost, property, message)) in specimens().iter().zip(expected) {
        let broken = Outcome::of(specimen).broken;
        assert_eq!((specimen.id, broken.caught, broken.cost), (id, true, Some(cost)), "{broken:?}");
        assert_eq!(broken.property.as_deref(), Some(property), "{id}: {broken:?}");
        let (told, token) = (broken.message.expect("caught"), broken.token.expect("caught"));
        assert!(told.contains(message), "{id}: {told}");
        let again = replay(&(specimen.broken)(), &token.parse().expect("it reads")).expect("it fits");
        assert!(matches!(again.ending, Ending::Failed(_)), "{id}: {again:?}");
    }
}

#[test]
fn every_fixed_specimen_is_verified() {
    let ids: BTreeSet<&str> = specimens().iter().map(|specimen| specimen.id).collect();
    assert_eq!(ids.len(), specimens().len(), "an id is used twice");
    for specimen in specimens() {
        let outcome = Outcome::of(&specimen);
        assert!(outcome.is_well(), "{outcome:?}");
        assert!(outcome.fixed.runs > 1, "{outcome:?}");
        assert!(
            !outcome.fixed.sometimes.is_empty(),
            "{} would be verified without having been near the bug",
            outcome.id
        );
    }
}

#[test]
fn every_kind_of_bug_in_the_collection_has_a_specimen() {
    let classes: BTreeSet<&str> = specimens().iter().map(|specimen| specimen.class).collect();
    let collected = "aliasing cancel cleanup half-init lost-first lost-wake once partial publish-early readiness reentrancy \
                     retry stale-wiring start-stop swallow wrong-home";
    assert_eq!(classes, collected.split_whitespace().collect());
}

#[test]
fn the_file_has_the_shape_that_others_read() {
    let outcomes = [Outcome::of(&specimens()[0])];
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("specimens");
    let path = outcome::write(&outcomes, &folder).expect("the folder of the build can be written");
    let read: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("just written")).expect("it is JSON");
    assert_eq!(read[0]["id"], "N02");
    assert_eq!(read[0]["broken"]["caught"], true);
    assert_eq!(read[0]["broken"]["cost"], 1);
    assert!(read[0]["broken"]["property"].is_string() && read[0]["broken"]["token"].is_string(), "{read}");
    assert!(read[0]["broken"]["runs"].is_u64() && read[0]["fixed"]["runs"].is_u64(), "{read}");
    assert_eq!(read[0]["fixed"]["verdict"], "verified");
    assert!(read[0]["fixed"]["sometimes"][0]["hits"].is_u64(), "{read}");
}

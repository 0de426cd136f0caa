//! What stands in the file of a checkpoint, and which files are refused.

use std::fs;
use std::path::PathBuf;

use crate::explore::Bounds;
use crate::shard::{Checkpoint, CheckpointError, Fingerprint, Shard, UnitReport};
use crate::{Scenario, choose};

/// A file that no other test has, deleted at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let place = Place(std::env::temp_dir().join(format!("nevernone-{}-{name}.checkpoint", std::process::id())));
        let _ = fs::remove_file(&place.0);
        place
    }

    fn open(&self, names: &[&str]) -> Result<Checkpoint, CheckpointError> {
        self.open_for(names, Bounds::default(), None)
    }

    fn open_for(&self, names: &[&str], bounds: Bounds, shard: Option<Shard>) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::open_for(&self.0, names.iter().map(|name| (fingerprint(name), bounds)), shard)
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn fingerprint(name: &str) -> Fingerprint {
    let same = || "same".to_owned();
    Fingerprint { scenario: name.to_owned(), nevernone: same(), tokio: same(), build: same(), first_run: same() }
}

fn unit(rank: u32) -> UnitReport {
    UnitReport { rank, runs: 3, ..UnitReport::default() }
}

fn finished(checkpoint: &Checkpoint, scenario: &str) -> Vec<u32> {
    checkpoint.finished(scenario).map(|unit| unit.rank).collect()
}

#[track_caller]
fn refused(opened: Result<Checkpoint, CheckpointError>, reasons: &[&str]) {
    let message = opened.expect_err("it does not fit").to_string();
    for reason in reasons {
        assert!(message.contains(reason), "`{reason}` is not in: {message}");
    }
}

#[test]
fn each_scenario_finds_its_own_units_again() {
    let place = Place::new("own units");
    let both = ["one", "other"];
    let checkpoint = place.open(&both).unwrap();
    for (scenario, rank) in [("one", 0), ("other", 4), ("one", 2)] {
        checkpoint.record(scenario, &unit(rank)).unwrap();
        assert_eq!(place.text().lines().count(), place.text().matches('\n').count(), "whole lines");
    }
    assert_eq!(finished(&checkpoint, "one"), [0; 0], "what this process finished, it knows");
    let again = place.open(&both).unwrap();
    assert_eq!((finished(&again, "one"), finished(&again, "other")), (vec![0, 2], vec![4]));
    assert_eq!(again.finished("other").next(), Some(&unit(4)));
    again.record("other", &unit(5)).unwrap();
    let text = place.text();
    assert_eq!(finished(&place.open(&both).unwrap(), "other"), [4, 5]);
    assert_eq!((text.lines().count(), place.text()), (5, text), "to read it changes nothing");
}

#[test]
fn what_comes_after_the_last_end_of_a_line_is_cut_off() {
    let place = Place::new("torn");
    let checkpoint = place.open(&["one"]).unwrap();
    checkpoint.record("one", &unit(0)).unwrap();
    let whole = place.text();
    checkpoint.record("one", &unit(1)).unwrap();
    for length in whole.len()..place.text().len() {
        fs::write(&place.0, &place.text().as_bytes()[..length]).unwrap();
        assert_eq!(finished(&place.open(&["one"]).unwrap(), "one"), [0]);
        assert_eq!(place.text(), whole);
        checkpoint_of_one_more(&place);
    }
    // Torn in its first line, it is begun anew.
    fs::write(&place.0, "{\"nevernone_che").unwrap();
    assert_eq!(finished(&place.open(&["one"]).unwrap(), "one"), [0; 0]);
    assert_eq!(place.text(), whole.lines().next().unwrap().to_owned() + "\n");
}

/// The same file with unit 1 again.
fn checkpoint_of_one_more(place: &Place) {
    place.open(&["one"]).unwrap().record("one", &unit(1)).unwrap();
    assert_eq!(finished(&place.open(&["one"]).unwrap(), "one"), [0, 1]);
}

#[test]
fn a_file_of_another_search_is_refused_for_what_is_other() {
    let place = Place::new("other search");
    let shard = |index| Some(Shard::new(index, 2).unwrap());
    let _begun = place.open_for(&["one", "other"], Bounds::default(), shard(1)).unwrap();
    let before = place.text();
    let bounds = Bounds { faults: Some(7), ..Bounds::default() };
    let open = |names: &[&str], bounds, shard| place.open_for(names, bounds, shard);
    refused(open(&["other", "one"], Bounds::default(), shard(1)), &["is of other scenarios (one, other);"]);
    refused(open(&["one"], Bounds::default(), shard(1)), &["is of other scenarios (one, other);"]);
    refused(open(&["one", "other"], bounds, shard(1)), &["is of other bounds for `one`;", "delete this one"]);
    refused(open(&["one", "other"], Bounds::default(), shard(2)), &["is of another shard (1/2) for `one`;"]);
    refused(open(&["one", "other"], Bounds::default(), None), &["is of another shard (1/2) for `one`;"]);
    fs::write(&place.0, before.replace("\"build\":\"same\"", "\"build\":\"f00\"")).unwrap();
    refused(
        open(&["one", "other"], Bounds::default(), shard(1)),
        &["another build (`f00`, and here `same`) for `one`"],
    );
    fs::write(&place.0, before.replace("\"nevernone_checkpoint\":1", "\"nevernone_checkpoint\":2")).unwrap();
    refused(open(&["one", "other"], Bounds::default(), shard(1)), &["is of version 2, and this build reads 1"]);
    fs::write(&place.0, &before).unwrap();
    assert!(open(&["one", "other"], Bounds::default(), shard(1)).is_ok());
    let whole = Place::new("whole search");
    let _begun = whole.open(&["one"]).unwrap();
    refused(whole.open_for(&["one"], Bounds::default(), shard(1)), &["is of another shard (the whole) for `one`;"]);
}

#[test]
fn a_line_that_does_not_read_is_named_with_its_number() {
    let place = Place::new("rubbish");
    fs::write(&place.0, "rubbish\n").unwrap();
    refused(place.open(&["one"]), &["rubbish.checkpoint:1: this is no line of a checkpoint", "name another file"]);
    fs::remove_file(&place.0).unwrap();
    let checkpoint = place.open(&["one"]).unwrap();
    checkpoint.record("one", &unit(0)).unwrap();
    fs::write(&place.0, place.text() + "{\"scenario\":\n" + place.text().lines().nth(1).unwrap() + "\n").unwrap();
    refused(place.open(&["one"]), &["rubbish.checkpoint:3: this is no line of a checkpoint"]);
    let nowhere = Place(std::env::temp_dir());
    refused(nowhere.open(&["one"]), &["cannot be used"]);
    // It is no file of this test's; nothing deletes it.
    std::mem::forget(nowhere);
}

#[test]
fn one_search_goes_on_from_the_file_of_several() {
    let tree = |name| Scenario::new(name, || async { assert!(choose("first", 3) < 9) });
    let (one, other) = (tree("one"), tree("other"));
    let searches = [(&one, one.bounds()), (&other, other.bounds())];
    let place = Place::new("several");
    Checkpoint::open(&place.0, &searches, None).unwrap().record("other", &unit(1)).unwrap();
    let before = place.text();
    let go_on = |scenario: &Scenario, shard| Checkpoint::go_on(&place.0, scenario, scenario.bounds(), shard);
    assert_eq!(finished(&go_on(&one, None).unwrap(), "one"), [0; 0]);
    let checkpoint = go_on(&other, None).unwrap();
    assert_eq!(finished(&checkpoint, "other"), [1]);
    refused(go_on(&tree("third"), None), &["is of other scenarios, and not of `third`"]);
    refused(go_on(&other, Some(Shard::new(1, 2).unwrap())), &["is of another shard (the whole) for `other`"]);
    refused(go_on(&tree("one").faults(9), None), &["is of other bounds for `one`"]);
    assert_eq!(place.text(), before);
    checkpoint.record("other", &unit(2)).unwrap();
    assert_eq!(finished(&go_on(&other, None).unwrap(), "other"), [1, 2]);
}

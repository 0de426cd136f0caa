//! The registry of the `fail` crate: what a point does at its next hits, and how many it had.
//!
//! A callback runs at the hit, on the thread that hits, and cannot make the point return. A `return` can be counted, and
//! tells nobody that it fired; so what comes after it in the list of actions makes it possible to find that out.

use crate::run::panics::{FAIL_POINT, catch};

/// What a point does at one hit, where that was decided beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    GoesOn,
    Returns(&'static str),
    Panics,
}

/// Hits after the last decided one that can be counted; they go on.
pub(super) const COUNTED: usize = 8;

/// From the next hit on the point calls.
pub(super) fn call_back(point: &'static str, hit: fn(&'static str)) {
    fail::cfg_callback(point, move || hit(point)).expect("a callback is no text that could be wrong");
}

/// At its next hits the point does this, one after the other. `marker` is any text that the production code may be given:
/// it is where the counted hits end.
pub(super) fn arm(point: &'static str, actions: &[Action], marker: &'static str) {
    let decided = actions.iter().map(|action| match action {
        Action::GoesOn => "1*off".to_owned(),
        Action::Returns(text) => format!("1*return({text})"),
        Action::Panics => format!("1*panic({FAIL_POINT})"),
    });
    let counted = [format!("{COUNTED}*off"), format!("1*return({marker})")];
    let list: Vec<String> = decided.chain(counted).collect();
    fail::cfg(point, &list.join("->")).expect("a text that `fail` cannot read was refused when it was declared");
}

/// How many hits the point had since it was armed with these actions, which takes all of them away; `None` for more than
/// can be counted.
pub(super) fn hits_since(point: &'static str, actions: &[Action]) -> Option<usize> {
    let all = actions.len() + COUNTED + 1;
    // All are taken: what is left comes first, and of it the marker last.
    let outcomes: Vec<_> = (0..all).map(|_| catch(|| fail::eval(point, |text| text))).collect();
    let marker = outcomes.iter().rposition(|outcome| matches!(outcome, Ok(Some(_))));
    marker.map(|place| all - 1 - place)
}

/// The point does nothing any more.
pub(super) fn switch_off(point: &'static str) {
    fail::remove(point);
}

#[cfg(test)]
mod tests {
    use super::{Action, COUNTED, arm, hits_since, switch_off};
    use crate::run::panics::catch;

    #[test]
    fn hits_are_counted_whatever_was_decided() {
        const POINT: &str = "registry: counted";
        let actions = [Action::Returns("a"), Action::GoesOn, Action::Panics, Action::Returns("(b)")];
        for hits in 0..=actions.len() + COUNTED {
            arm(POINT, &actions, "a");
            let seen: Vec<_> = (0..hits).map(|_| catch(|| fail::eval(POINT, |text| text)).ok()).collect();
            let expected = [Some(Some(Some("a".to_owned()))), Some(None), None, Some(Some(Some("(b)".to_owned())))];
            assert!(seen.iter().zip(&expected).all(|(seen, expected)| seen == expected), "{seen:?}");
            assert!(seen.iter().skip(4).all(|seen| *seen == Some(None)), "{seen:?}");
            assert_eq!(hits_since(POINT, &actions), Some(hits));
        }
        arm(POINT, &actions, "a");
        (0..=actions.len() + COUNTED).for_each(|_| drop(catch(|| fail::eval(POINT, |text| text))));
        assert_eq!(hits_since(POINT, &actions), None);
        switch_off(POINT);
    }
}

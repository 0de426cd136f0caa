//! A token is its run, whatever the run was; and of any runs of one scenario there is one order.

use std::cmp::Ordering;

use nevernone::{
    Ending, Scenario, campaign,
    campaign::SingleRun,
    choice::token::Token,
    explore::{Bounds, Replay},
    strategy::{Sequences, runs},
};
use nevernone_reference::scenarios::named;
use proptest::{collection::vec, prelude::*, sample::select};

use super::config;

/// Small ones and large ones, those with faults, with cancellations, with a crash.
const SCENARIOS: [&str; 5] = [
    "startup/early-request",
    "startup/bridge-vs-startup",
    "startup/crash-and-second-start",
    "manager/late-disconnect",
    // Its runs fail.
    "legacy/none-wired",
];

const SIZE: Sequences = Sequences { draws: 80, deviations: 8 };

fn bounds() -> Bounds {
    Bounds { crashes: Some(2), ..Bounds::unbounded() }
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    select(&SCENARIOS[..]).prop_map(|name| named(name).expect("it is one of the reference's"))
}

fn runs_of_any() -> impl Strategy<Value = (Scenario, SingleRun)> {
    scenarios().prop_flat_map(|scenario| (Just(scenario.clone()), runs(&scenario, bounds(), SIZE)))
}

fn three_runs() -> impl Strategy<Value = Vec<SingleRun>> {
    scenarios().prop_flat_map(|scenario| vec(runs(&scenario, bounds(), SIZE), 3))
}

/// Every answer of a run, up to its last that is not the simplest.
fn answers(token: &Token) -> Vec<u32> {
    let mut answers = Vec::new();
    for choice in &token.choices {
        answers.resize(choice.position, 0);
        answers.push(choice.value);
    }
    answers
}

/// At the first draw where they differ, the lower answer; who says nothing answers with 0.
fn compared(one: &Token, other: &Token) -> Ordering {
    let (mut one, mut other) = (answers(one), answers(other));
    let length = one.len().max(other.len());
    one.resize(length, 0);
    other.resize(length, 0);
    one.cmp(&other)
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_token_replays_to_the_same_end_in_this_process_and_from_its_text((scenario, run) in runs_of_any()) {
        let text = run.token.to_string();
        let token: Token = text.parse().expect("its own text");
        prop_assert_eq!(&token, &run.token);
        let again = campaign::run_once(&scenario, Replay::new(token.clone())).expect("one run");
        prop_assert_eq!((&again.ending, &again.token, again.steps), (&run.ending, &run.token, run.steps));
        prop_assert_eq!(format!("{:?}", again.tally), format!("{:?}", run.tally));
        let replayed = campaign::replay(&scenario, &token).expect("it fits");
        prop_assert_eq!((&replayed.ending, replayed.drifted), (&run.ending, false));
        prop_assert!(matches!(run.ending, Ending::Passed | Ending::Failed(_)), "{:?}", run.ending);
    }

    #[test]
    fn runs_have_one_order_which_is_that_of_their_answers(runs in three_runs()) {
        for one in &runs {
            for other in &runs {
                let order = one.token.lexicographic(&other.token);
                prop_assert_eq!(order, compared(&one.token, &other.token), "{} and {}", one.token, other.token);
                prop_assert_eq!(order.reverse(), other.token.lexicographic(&one.token));
                prop_assert_eq!(order.is_eq(), one.token == other.token);
            }
        }
        // Sorted by it, every earlier one is before every later one, not only before the next.
        let mut tokens: Vec<&Token> = runs.iter().map(|run| &run.token).collect();
        tokens.sort_by(|one, other| one.lexicographic(other));
        prop_assert!(tokens[0].lexicographic(tokens[2]).is_le());
    }
}

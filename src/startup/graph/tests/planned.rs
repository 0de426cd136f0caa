//! The order, and everything that can be wrong with a declaration.

use super::*;

fn order(graph: Tested) -> Vec<&'static str> {
    graph.plan().unwrap().order().collect()
}

fn problem(graph: Tested) -> (GraphError, String) {
    let error = graph.plan().unwrap_err();
    let text = error.to_string();
    (error, text)
}

#[test]
fn phases_without_needs_run_as_they_were_declared() {
    let graph = ["c", "a", "d", "b"].into_iter().map(noted).fold(Graph::new(), Graph::phase);
    assert_eq!(order(graph), ["c", "a", "d", "b"]);
}

#[test]
fn needs_come_first_and_among_equals_the_one_declared_first() {
    let graph = Graph::new()
        .phase(noted("server").after(["cache", "database"]))
        .phase(noted("metrics"))
        .phase(noted("database").after(["config"]))
        .phase(noted("config"))
        .phase(noted("cache").after(["config"]));
    let plan = graph.plan().unwrap();
    // Not `config` first: nothing that is free to run waits for something declared later.
    assert_eq!(plan.to_string(), "metrics → config → database → cache → server");
}

#[test]
fn a_need_that_is_named_twice_is_one() {
    let twice = noted("b").after(["a", "a"]);
    assert_eq!(order(Graph::new().phase(twice).phase(noted("a"))), ["a", "b"]);
}

#[test]
fn a_graph_without_phases_is_refused() {
    let (error, text) = problem(Graph::new());
    assert_eq!(error, GraphError::Empty);
    insta::assert_snapshot!(text, @"the graph has no phases: declare at least one");
}

#[test]
fn two_phases_of_one_name_are_refused() {
    let (error, text) = problem(Graph::new().phase(noted("a")).phase(noted("b")).phase(noted("a")));
    assert_eq!(error, GraphError::Duplicate { phase: "a" });
    insta::assert_snapshot!(text, @"phase a is declared twice: rename one of the two or remove it");
}

#[test]
fn a_phase_that_needs_itself_is_refused() {
    let (error, text) = problem(Graph::new().phase(noted("a").after(["a"])));
    assert_eq!(error, GraphError::NeedsItself { phase: "a" });
    insta::assert_snapshot!(text, @"phase a needs itself, so nothing could ever begin it: remove that need");
}

#[test]
fn a_need_that_is_not_declared_is_refused() {
    let (error, text) = problem(Graph::new().phase(noted("a").after(["b"])));
    assert_eq!(error, GraphError::Missing { phase: "a", need: "b" });
    insta::assert_snapshot!(text, @"phase a needs b, which is not declared: declare it or correct the name");
}

#[test]
fn a_need_of_another_type_is_refused() {
    let number: Token<u32> = Token::new("a");
    let (error, text) =
        problem(Graph::new().phase(noted("a")).phase(Phase::new(token("b"), number, |_, _number| async { Ok(()) })));
    assert_eq!(error, GraphError::OtherType { phase: "b", need: "a", asked: "u32", made: "()" });
    insta::assert_snapshot!(text, @"phase b needs a u32 of a, which makes a (): use the token with which a is declared");
}

#[test]
fn a_circle_is_told_whole_and_without_those_who_only_wait_for_it() {
    let graph = Graph::new()
        .phase(noted("waiting").after(["b"]))
        .phase(noted("free"))
        .phase(noted("a").after(["free", "b"]))
        .phase(noted("b").after(["c"]))
        .phase(noted("c").after(["a"]));
    let (error, text) = problem(graph);
    assert_eq!(error, GraphError::Cycle { path: vec!["b", "c", "a", "b"] });
    insta::assert_snapshot!(text, @"the phases b → c → a → b need each the next one, so none of them could begin: take one of these needs away");
}

#[test]
fn a_deadline_of_zero_is_refused_wherever_it_is_declared() {
    let deadlines = [
        Graph::new().phase(noted("a").deadline(Duration::ZERO)),
        Graph::new().phase(noted("a").attempt_deadline(Duration::ZERO)),
        Graph::new().phase(noted("a")).deadline(Duration::ZERO),
        Graph::new().phase(noted("a")).undo_deadline(Duration::ZERO),
    ];
    let (errors, texts): (Vec<_>, Vec<_>) = deadlines.into_iter().map(problem).unzip();
    let expected = [Deadline::Phase("a"), Deadline::Attempt("a"), Deadline::Start, Deadline::Undo];
    assert_eq!(errors, expected.map(|deadline| GraphError::NoTime { deadline }));
    insta::assert_snapshot!(texts.join("\n"), @r"
    the deadline of phase a is zero, which leaves no time at all: give it some, or declare no deadline
    the deadline of an attempt of phase a is zero, which leaves no time at all: give it some, or declare no deadline
    the deadline of the whole start is zero, which leaves no time at all: give it some, or declare no deadline
    the deadline of an undoing is zero, which leaves no time at all: give it some, or declare no deadline
    ");
}

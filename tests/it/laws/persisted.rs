//! What failed once runs first: shown with a law that is broken on purpose.

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
};

use nevernone::strategy::{Graph, GraphSize, graphs};
use proptest::{
    prelude::ProptestConfig,
    test_runner::{FileFailurePersistence, TestCaseError, TestError, TestRunner},
};

/// That many cases, and a file of the test's own.
fn runner(file: &Path, cases: u32) -> TestRunner {
    // What proptest takes lives as long as the program.
    let file: &'static str = file.to_str().expect("a path of letters").to_owned().leak();
    let failure_persistence = Some(Box::new(FileFailurePersistence::Direct(file)) as _);
    // As many steps of shrinking as it takes, however few cases there are.
    let max_shrink_iters = 100_000;
    TestRunner::new(ProptestConfig { cases, failure_persistence, max_shrink_iters, ..ProptestConfig::default() })
}

fn fresh_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("laws-persisted");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the test's own folder");
    folder
}

/// Broken, and not by many graphs: "no four phases need the same one".
fn law(graph: &Graph) -> Result<(), TestCaseError> {
    let dependents = |name: &str| graph.nodes.iter().filter(|node| node.needs.contains(&name)).count();
    match graph.nodes.iter().find(|node| dependents(node.name) >= 4) {
        Some(node) => Err(TestCaseError::fail(format!("four phases need {}", node.name))),
        None => Ok(()),
    }
}

/// The cases that were executed, in order, and what came of it.
fn executed(
    runner: &mut TestRunner,
    law: impl Fn(&Graph) -> Result<(), TestCaseError>,
) -> (Vec<Graph>, Result<(), TestError<Graph>>) {
    let cases = RefCell::new(Vec::new());
    let ended = runner.run(&graphs(&GraphSize::default()), |graph| {
        cases.borrow_mut().push(graph.clone());
        law(&graph)
    });
    (cases.into_inner(), ended)
}

#[test]
fn a_case_that_failed_once_runs_before_every_other_until_it_passes() {
    let file = fresh_folder().join("a-law.txt");
    let (cases, ended) = executed(&mut runner(&file, 100_000), law);
    let Err(TestError::Fail(_, least)) = ended else { panic!("the law is broken: {ended:?}") };
    let first_failing = cases.iter().find(|graph| law(graph).is_err()).expect("one failed").clone();
    assert_eq!(least.nodes.len(), 5, "shrunk to the one that four need: {least:?}");
    let kept = fs::read_to_string(&file).expect("the seed was kept");
    assert!(kept.lines().any(|line| line.starts_with("cc ") && line.contains("shrinks to")), "{kept}");

    // Another seed, and one case: by chance it would not fail.
    let (cases, ended) = executed(&mut runner(&file, 1), law);
    assert_eq!(cases.first(), Some(&first_failing), "the case that failed is the first");
    let Err(TestError::Fail(_, again)) = ended else { panic!("it still fails: {ended:?}") };
    assert_eq!(again, least, "and shrinks to the same");

    // The law is mended: the case still runs first, and then the new ones.
    let (cases, ended) = executed(&mut runner(&file, 10), |_| Ok(()));
    assert_eq!((cases.first(), cases.len(), ended), (Some(&first_failing), 11, Ok(())));
}

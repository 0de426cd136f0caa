//! Creation as its callers see it.

use crate::manager::*;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// Makes what the closure says, given the number of the creation (from 0).
struct Scripted<F> {
    made: AtomicUsize,
    script: F,
}

impl<F> Scripted<F> {
    fn new(script: F) -> Self {
        Self { made: AtomicUsize::new(0), script }
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }
}

impl<F> ManagerFactory for Scripted<F>
where
    F: Fn(usize) -> Result<Option<Candidate>, CreateError> + Send + Sync,
{
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let made = (self.script)(self.made.fetch_add(1, Ordering::SeqCst));
        Box::pin(async move {
            let mut first = true;
            // Pending once, so that a second caller can join.
            std::future::poll_fn(move |context| {
                context.waker().wake_by_ref();
                if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
            made
        })
    }
}

/// Makes a future that panics at its first poll.
struct Late;

impl ManagerFactory for Late {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        Box::pin(async { panic!("late {}", 1) })
    }
}

fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("the future did not end within 100 polls")
}

fn complete() -> Candidate {
    Candidate::complete(Limits::default())
}

#[test]
#[tracing_test::traced_test]
fn a_failed_creation_leaves_the_cell_empty_and_the_next_call_succeeds() {
    let cell = ManagerCell::new();
    let factory = Scripted::new(|number| match number {
        0 => Ok(None),
        1 => Ok(Some(Candidate::complete(Limits::default()).without(Part::UserConnections))),
        2 => Err(CreateError::because("no sockets left", std::io::Error::other("EMFILE"))),
        3 => Err(CreateError::Cancelled),
        _ => Ok(Some(complete())),
    });
    assert!(matches!(finish(obtain(&cell, &factory)), Err(ManagerError::Nothing)));
    match finish(obtain(&cell, &factory)) {
        Err(ManagerError::Incomplete(incomplete)) => {
            assert_eq!(incomplete.missing, [Part::UserConnections]);
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(finish(obtain(&cell, &factory)), Err(ManagerError::Failed(_))));
    assert!(matches!(finish(obtain(&cell, &factory)), Err(ManagerError::Cancelled)));
    assert!(cell.get().is_none(), "nothing that failed may be published");
    assert!(logs_contain("no sockets left: EMFILE"), "the whole chain is told");
    assert!(logs_contain("manager.create_failed") && !logs_contain("manager.created"));

    let manager = finish(obtain(&cell, &factory)).expect("the fifth creation is complete");
    assert_eq!(manager.probe(), Ok(()));
    assert!(logs_contain("manager.created"));
    assert!(finish(obtain(&cell, &factory)).is_ok());
    assert_eq!(factory.made(), 5, "a filled cell creates nothing");
}

#[test]
fn a_panicking_factory_is_an_error_wherever_it_panics() {
    let cell = ManagerCell::new();
    let early = Scripted::new(|_| panic!("no parts"));
    match finish(obtain(&cell, &early)) {
        Err(ManagerError::Panicked(message)) => assert_eq!(message, "no parts"),
        other => panic!("{other:?}"),
    }
    match finish(obtain(&cell, &Late)) {
        Err(ManagerError::Panicked(message)) => assert_eq!(message, "late 1"),
        other => panic!("{other:?}"),
    }
    assert!(finish(obtain(&cell, &Scripted::new(|_| Ok(Some(complete()))))).is_ok());
}

#[test]
fn all_who_wait_get_one_manager() {
    let cell = ManagerCell::new();
    let factory = Scripted::new(|_| Ok(Some(complete())));
    let (mut one, mut two) = (Box::pin(obtain(&cell, &factory)), Box::pin(obtain(&cell, &factory)));
    let mut context = Context::from_waker(Waker::noop());
    assert!(one.as_mut().poll(&mut context).is_pending());
    // Whoever polls drives: the second caller ends the creation that the first one began.
    let (two, one) = (finish(two.as_mut()).expect("made"), finish(one).expect("made"));
    assert_eq!(factory.made(), 1);
    let who =
        Attach { user: crate::event::UserId::new("u").expect("a user"), thread: ThreadId::new("t").expect("a thread") };
    let _connection = one.attach(who).expect("attached");
    assert_eq!(two.connection_count(), 1, "both are the same manager");
}

#[test]
fn a_retired_cell_says_so() {
    let cell = ManagerCell::new();
    cell.retire();
    let refused = finish(obtain(&cell, &Scripted::new(|_| Ok(Some(complete())))));
    assert!(matches!(refused, Err(ManagerError::Retired)), "{refused:?}");
}

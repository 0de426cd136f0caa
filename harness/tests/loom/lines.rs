//! Three callers of an async cell and a setter, in every order of a few steps: on tokio's cell and on ours the same answers
//! at the same steps, and the same callers woken. Three, since who of two waiting ones comes first is a matter of order.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use nevernone::loom::Model;

pub(crate) const MODELS: &[Model] = &[
    Model::new("once_cell_as_tokio", once_cell_as_tokio)
        .claims("every sequence of operations comes to what it comes to on tokio's OnceCell, wake-ups included")
        .max_branches(2_000_000),
    Model::new("three_callers_as_tokio", three_callers_as_tokio)
        .claims("so does every shorter one of three callers, who are served in the order in which they came")
        .max_branches(2_000_000),
    Model::new("filled_once_cell_as_tokio", filled_once_cell_as_tokio)
        .claims("so does every sequence on a cell that was made with its value"),
];

const CALLERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    Poll(usize),
    /// With another waker: what wakes the caller from now on.
    PollElsewhere(usize),
    /// Drops the caller, and begins another one in its stead.
    Restart(usize),
    /// Lets the caller's initialiser end: the first one's with an error, the others' with a value.
    Open(usize),
    Set,
    Take,
}

/// Of two callers up to [`OF_TWO`].
const STEPS: [Step; 11] = [
    Step::Poll(0),
    Step::Poll(1),
    Step::Restart(0),
    Step::Restart(1),
    Step::Open(0),
    Step::Open(1),
    Step::Set,
    Step::Take,
    Step::Poll(2),
    Step::Restart(2),
    Step::PollElsewhere(1),
];
const OF_TWO: usize = 8;

struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

type Caller = Pin<Box<dyn Future<Output = Result<usize, usize>>>>;

macro_rules! outcomes {
    ($name:ident, $cell:ty) => {
        fn $name(value: Option<usize>, steps: &[Step]) -> Vec<String> {
            let mut cell = Rc::new(<$cell>::new_with(value));
            let gates: [Rc<Cell<bool>>; CALLERS] = Default::default();
            // Those of the usual wakers, and of the others.
            let bells = [(); 2 * CALLERS].map(|()| Arc::new(Bell(AtomicUsize::new(0))));
            let call = |cell: &Rc<$cell>, which: usize| -> Option<Caller> {
                let (cell, gate) = (Rc::clone(cell), Rc::clone(&gates[which]));
                Some(Box::pin(async move {
                    let wait = std::future::poll_fn(|_| if gate.get() { Poll::Ready(()) } else { Poll::Pending });
                    let init = || async {
                        wait.await;
                        if which == 0 { Err(which) } else { Ok(which) }
                    };
                    cell.get_or_try_init(init).await.copied()
                }))
            };
            let mut callers: [_; CALLERS] = std::array::from_fn(|which| call(&cell, which));
            let mut outcome = |step: &Step| {
                let what = match *step {
                    Step::Poll(which) | Step::PollElsewhere(which) => {
                        let bell = if let Step::Poll(_) = step { which } else { CALLERS + which };
                        let waker = Waker::from(Arc::clone(&bells[bell]));
                        let poll = callers[which].as_mut().map(|it| it.as_mut().poll(&mut Context::from_waker(&waker)));
                        if poll.is_some_and(|poll| poll.is_ready()) {
                            callers[which] = None;
                        }
                        format!("{poll:?}")
                    }
                    Step::Restart(which) => {
                        callers[which] = None;
                        callers[which] = call(&cell, which);
                        String::new()
                    }
                    Step::Open(which) => {
                        gates[which].set(true);
                        String::new()
                    }
                    Step::Set => format!("{:?} {:?} {cell:?}", cell.set(9), cell.get()),
                    // Only where nobody borrows it.
                    Step::Take => format!("{:?}", Rc::get_mut(&mut cell).map(|cell| cell.take())),
                };
                format!("{step:?} {what} {:?}", bells.each_ref().map(|bell| bell.0.load(Relaxed)))
            };
            steps.iter().map(|step| outcome(step)).collect()
        }
    };
}

outcomes!(on_tokio, tokio::sync::OnceCell<usize>);
outcomes!(on_ours, nevernone::loom::OnceCell<usize>);

/// The same on either cell, however `begun` goes on for so many of those steps. Loom counts a thread's operations in
/// sixteen bits, so one execution cannot have many more sequences than these.
fn same_as_tokio(begun: &[Step], further: &[Step], length: u32) {
    for index in 0..further.len().pow(length) {
        let rest = (0..length).map(|at| further[index / further.len().pow(at) % further.len()]);
        let steps: Vec<Step> = begun.iter().copied().chain(rest).collect();
        assert_eq!(on_ours(None, &steps), on_tokio(None, &steps), "{steps:?}");
    }
}

fn once_cell_as_tokio() {
    same_as_tokio(&[Step::Poll(0), Step::Poll(1)], &STEPS[..OF_TWO], 4);
}

fn three_callers_as_tokio() {
    same_as_tokio(&[Step::Poll(0), Step::Poll(1), Step::Poll(2)], &STEPS, 3);
}

fn filled_once_cell_as_tokio() {
    for first in STEPS {
        for second in STEPS {
            let steps = [first, second];
            assert_eq!(on_ours(Some(5), &steps), on_tokio(Some(5), &steps), "{steps:?}");
        }
    }
}

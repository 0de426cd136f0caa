//! Two callers of an async cell and a setter, in every order of six steps: on tokio's cell and on ours the same answers
//! at the same steps, and the same callers woken.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use nevernone::loom::Model;

pub(crate) const MODELS: &[Model] = &[Model::new("once_cell_as_tokio", once_cell_as_tokio)
    .claims("every sequence of operations comes to what it comes to on tokio's OnceCell, wake-ups included")
    .max_branches(2_000_000)];

#[derive(Debug, Clone, Copy)]
enum Step {
    Poll(usize),
    /// Drops the caller, and begins another one in its stead.
    Restart(usize),
    /// Lets the caller's initialiser end: the first one's with an error, the second one's with a value.
    Open(usize),
    Set,
    Take,
}

const STEPS: [Step; 8] = [
    Step::Poll(0),
    Step::Poll(1),
    Step::Restart(0),
    Step::Restart(1),
    Step::Open(0),
    Step::Open(1),
    Step::Set,
    Step::Take,
];

struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

type Caller = Pin<Box<dyn Future<Output = Result<usize, usize>>>>;

macro_rules! outcomes {
    ($name:ident, $cell:ty) => {
        fn $name(steps: &[Step]) -> Vec<String> {
            let mut cell = Rc::new(<$cell>::new());
            let gates: [Rc<Cell<bool>>; 2] = Default::default();
            let bells = [(); 2].map(|()| Arc::new(Bell(AtomicUsize::new(0))));
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
            let mut callers = [call(&cell, 0), call(&cell, 1)];
            let mut outcome = |step: &Step| {
                let what = match *step {
                    Step::Poll(which) => {
                        let waker = Waker::from(Arc::clone(&bells[which]));
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
                format!("{step:?} {what} {:?}", [0, 1].map(|which: usize| bells[which].0.load(Relaxed)))
            };
            steps.iter().map(|step| outcome(step)).collect()
        }
    };
}

outcomes!(on_tokio, tokio::sync::OnceCell<usize>);
outcomes!(on_ours, nevernone::loom::OnceCell<usize>);

fn once_cell_as_tokio() {
    for index in 0..STEPS.len().pow(4) {
        let four = (0..4).map(|at| STEPS[index / STEPS.len().pow(at) % STEPS.len()]);
        let steps: Vec<Step> = [Step::Poll(0), Step::Poll(1)].into_iter().chain(four).collect();
        assert_eq!(on_ours(&steps), on_tokio(&steps), "{steps:?}");
    }
}

//! Real threads, many of them.

use super::*;

/// 64 threads; each flight's outcome is a function of its generation: two flights fail, one panics, the next succeeds.
#[test]
fn sixty_four_threads_agree() {
    for _ in 0..50 {
        let (cell, made) = (Singleton::<u64, u64>::new(), AtomicUsize::new(0));
        let barrier = std::sync::Barrier::new(64);
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    barrier.wait();
                    hammer(&cell, &made);
                });
            }
        });
        assert_eq!((made.load(Ordering::SeqCst), cell.generation(), cell.get()), (4, 4, Some(&4)));
    }
}

/// No lock is taken on the way to a value that is there: what a reader sees of it hangs by one ordering. The machine of
/// whoever runs this may hide a weaker one; `.ci/sanitize` does not.
#[test]
fn whoever_reads_without_the_lock_sees_the_whole_value() {
    let cell = Singleton::<[u64; 8], u64>::new();
    let read = || loop {
        match cell.get() {
            Some(value) => return *value,
            None => std::thread::yield_now(),
        }
    };
    std::thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        assert!(cell.get_or_try_init_blocking(|| std::future::ready(Ok([7; 8]))).is_ok());
        for reader in readers {
            assert_eq!(reader.join().expect("no panic"), [7; 8]);
        }
    });
}

fn hammer(cell: &Singleton<u64, u64>, made: &AtomicUsize) {
    let mut last = 0;
    loop {
        let answer = cell.get_or_try_init_blocking(|| {
            let generation = made.fetch_add(1, Ordering::SeqCst) as u64 + 1;
            let mut yields = generation;
            poll_fn(move |context| {
                if yields > 0 {
                    yields -= 1;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                match generation {
                    3 => std::panic::panic_any("planned"),
                    4 => Poll::Ready(Ok(generation)),
                    _ => Poll::Ready(Err(generation)),
                }
            })
        });
        match answer {
            Ok(value) => {
                assert_eq!((value, cell.get()), (&4, Some(value)));
                return;
            }
            Err(failure) => {
                assert!(failure.generation > last, "a failure answers a caller once");
                last = failure.generation;
                assert_eq!(
                    u64::from(failure.attempt),
                    failure.generation,
                    "nobody left, so each flight was an attempt"
                );
                match &failure.cause {
                    Cause::Failed(told) => assert_eq!(*told, failure.generation),
                    Cause::Panicked(message) => {
                        assert_eq!((message.as_str(), failure.generation), ("planned", 3));
                    }
                    other => panic!("nobody retired or re-entered, yet {other}"),
                }
            }
        }
    }
}

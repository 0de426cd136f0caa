//! What is logged while something goes on, as `nevernone serve` writes it.

use std::sync::{Arc, Mutex};

use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::MakeWriter;

/// Where a log is collected.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Collected {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What this thread logs meanwhile, one JSON object a line, from DEBUG on.
pub(crate) fn log_of(life: impl FnOnce()) -> String {
    collected(life, |collected| {
        let json = tracing_subscriber::fmt().json().flatten_event(true);
        Dispatch::new(json.with_max_level(Level::DEBUG).with_writer(collected).finish())
    })
}

/// The same as lines for people, from INFO on, without colours.
pub(crate) fn plain_log_of(life: impl FnOnce()) -> String {
    collected(life, |collected| {
        let plain = tracing_subscriber::fmt().with_ansi(false);
        Dispatch::new(plain.with_max_level(Level::INFO).with_writer(collected).finish())
    })
}

fn collected(life: impl FnOnce(), dispatch: impl FnOnce(Collected) -> Dispatch) -> String {
    let collected = Collected::default();
    tracing::dispatcher::with_default(&dispatch(collected.clone()), life);
    String::from_utf8(std::mem::take(&mut collected.0.lock().unwrap())).unwrap()
}

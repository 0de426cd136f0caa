//! What is logged while something goes on, as `nevernone serve` writes it.

use std::sync::{Arc, Mutex};

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
    let collected = Collected::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(collected.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, life);
    String::from_utf8(std::mem::take(&mut collected.0.lock().unwrap())).unwrap()
}

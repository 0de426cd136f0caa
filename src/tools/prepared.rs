//! What a tool keeps for an agent for as long as that is wired.

use std::fmt;

/// What a tool took for one agent (a session, a lease, a connection). Its drop gives that back.
#[must_use = "dropped, it is given back"]
pub struct Prepared(Option<Box<dyn Send + Sync>>);

impl Prepared {
    /// Nothing was needed.
    pub fn nothing() -> Self {
        Self(None)
    }

    /// This, whose drop gives it back. The drop must not block.
    pub fn held(guard: impl Send + Sync + 'static) -> Self {
        Self(Some(Box::new(guard)))
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Prepared(held)" } else { "Prepared(nothing)" })
    }
}

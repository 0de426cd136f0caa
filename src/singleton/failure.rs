//! Why a caller got no value.

/// What ended a flight, or what kept one caller out of it.
///
/// Everybody who was registered with a failed flight gets the same one, behind one `Arc`.
#[derive(Debug, thiserror::Error)]
#[error("the singleton is not initialised (generation {generation}, failed attempts so far: {attempt})")]
pub struct Failure<E> {
    /// The flight that this is about: the first one of a cell has number 1; 0 when there was none yet.
    pub generation: u64,
    /// How many flights of this cell have failed, this one included. Abandoned flights were not failures.
    pub attempt: u32,
    /// What happened.
    #[source]
    pub cause: Cause<E>,
}

/// What happened to an initialisation.
#[derive(Debug, thiserror::Error)]
pub enum Cause<E> {
    /// The initialiser returned an error. The next call starts a new flight.
    #[error("the initialiser returned an error; the cell is empty and the next call tries again")]
    Failed(#[source] E),
    /// The initialiser panicked; the text is the panic's message. The next call starts a new flight.
    #[error("the initialiser panicked: {0}; the cell is empty and the next call tries again")]
    Panicked(String),
    /// The initialiser, while being polled on this thread, asked for the value that it is making. This caller alone is
    /// told; the flight goes on, and the initialiser decides what becomes of it.
    #[error("the initialiser asked for the value that it is making: pass what it needs as an argument instead")]
    Reentered,
    /// The cell was retired, which is for good: the process is shutting down, or this start is over.
    #[error("the singleton was retired, probably by a shutdown: a second start needs a new one")]
    Retired,
}

//! The socket shell over real sockets, with a platform that is a test's own.

mod bad_input;
mod burst;
mod client;
mod closing;
mod degraded;
mod fake;
mod floods;
mod frames;
mod logged;
mod requests;

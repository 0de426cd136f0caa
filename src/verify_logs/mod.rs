//! The checklist before and after a deployment, over the logs that operators have.
//!
//! It knows the platform's lines from the one table that they are logged by ([`log::TABLE`](crate::log::TABLE)), so that
//! neither can drift from the other. A log is read line by line, in whichever of these forms each line is: the
//! platform's own JSON, plain text with anything before the message, an entry of Google Cloud Logging (`textPayload` or
//! `jsonPayload.message`); or as one JSON array of entries, which is what `gcloud logging read --format=json` prints.
//!
//! What a log does not show is never taken for good: a log without a start is *incomplete*, and one that holds no line of
//! the platform proves nothing at all.
//!
//! ```
//! use nevernone_reference::verify_logs::{Checklist, Verdict};
//!
//! let mut checklist = Checklist::default();
//! checklist.read("staging.log", &b"INFO WebSocket manager set to None for 8/8 agents\n"[..])?;
//! let report = checklist.finish();
//! assert_eq!(report.verdict(), Verdict::Failed);
//! assert!(report.to_string().contains("staging.log:1"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod checklist;
mod line;
mod report;
mod runs;
mod source;

pub use checklist::Checklist;
pub use report::{Report, Verdict};

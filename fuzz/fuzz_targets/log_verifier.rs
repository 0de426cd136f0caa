//! The checklist over logs, in whatever form and state. The law is in `src/`; `tests/it/corpus.rs` replays this target's corpus by it.
#![no_main]

nevernone_fuzz::target!("log_verifier");

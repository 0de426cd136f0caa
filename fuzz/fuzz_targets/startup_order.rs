//! A request at any moment of a startup. The law is in `src/`; `tests/it/corpus.rs` replays this target's corpus by it.
#![no_main]

nevernone_fuzz::target!("startup_order");

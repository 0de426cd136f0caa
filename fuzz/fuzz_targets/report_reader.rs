//! Reports of shards, read and merged. The law is in `src/`; `tests/it/corpus.rs` replays this target's corpus by it.
#![no_main]

nevernone_fuzz::target!("report_reader");

//! A client of any manners against one WebSocket session. The law is in `src/`; `tests/it/corpus.rs` replays this target's corpus by it.
#![no_main]

nevernone_fuzz::target!("wire");

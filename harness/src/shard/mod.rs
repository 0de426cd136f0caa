//! A tree cut into parts: for worker threads, for machines, for going on after a stop.
//!
//! `partition.rs` cuts a tree into units and deals them to shards · `unit.rs` what a unit is and came to ·
//! `fingerprint.rs` what two searches must share · `auto.rs` which shard this machine is · `checkpoint.rs` finished
//! units on disk · `merge.rs` shards into one verdict · `sum.rs` what they come to.

mod auto;
mod checkpoint;
mod fingerprint;
mod merge;
mod partition;
mod sum;
#[cfg(test)]
mod tests;
mod unit;

use std::fmt;
use std::str::FromStr;

pub use auto::{NoShard, ShardArgument, auto};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use fingerprint::Fingerprint;
pub use merge::{MergeError, Read, merge, read_report, report_from};
pub(crate) use partition::{NotCut, Partition, Unit};
pub use unit::UnitReport;
pub(crate) use unit::{chain, one_a_line};

/// One of several equal parts of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 1.
    index: u32,
    /// Of how many.
    of: u32,
}

/// More shards than that are a mistyped number.
pub(crate) const MOST_SHARDS: u32 = 10_000;

impl Shard {
    /// The shard of that index, from 1.
    ///
    /// # Errors
    /// Where `index` is not between 1 and `of`, or `of` is more than 10,000.
    pub fn new(index: u32, of: u32) -> Result<Self, String> {
        if of > MOST_SHARDS {
            return Err(format!("{of} shards are too many; there may be {MOST_SHARDS}"));
        }
        if index == 0 || index > of {
            return Err(format!("there is no shard {index} of {of}; shards are counted from 1, as in 1/{}", of.max(1)));
        }
        Ok(Shard { index, of })
    }

    /// Which one, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    pub fn of(self) -> u32 {
        self.of
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `K/N`.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (index, of) = text.split_once('/')?;
            Some((index.trim().parse().ok()?, of.trim().parse().ok()?))
        };
        let (index, of) = read().ok_or_else(|| format!("`{text}` is no shard; write K/N, as in 1/8, or auto"))?;
        Shard::new(index, of)
    }
}

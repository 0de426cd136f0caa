//! `merge`: the reports of all shards, one verdict.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{UsageError, campaigns};
use crate::shard;

pub(crate) fn merge(reports: &[PathBuf], folder: &Path, program: &str, out: &mut dyn Write) -> Result<u8, UsageError> {
    let read = reports.iter().map(|path| shard::read_report(path)).collect::<Result<Vec<_>, _>>()?;
    campaigns::tell(&shard::merge(&read)?, folder, &campaigns::replays_with(program), out)
}

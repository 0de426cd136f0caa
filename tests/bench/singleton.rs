//! Reading a filled cell: the singleton beside the standard library's and tokio's cells, in one run.

use std::future::ready;
use std::hint::black_box;
use std::sync::OnceLock;

use divan::Bencher;
use nevernone_reference::singleton::Singleton;

/// Reads for one sample: one read takes less than any clock can tell.
const READS: usize = 10_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn singleton_get(bencher: Bencher<'_, '_>) {
    let cell = Singleton::<u64, ()>::new();
    let _ = cell.get_or_try_init_blocking(|| ready(Ok(7)));
    bencher.bench_local(|| (0..READS).map(|_| black_box(&cell).get().copied().unwrap_or(0)).sum::<u64>());
}

#[divan::bench]
fn once_lock_get(bencher: Bencher<'_, '_>) {
    let cell = OnceLock::from(7);
    bencher.bench_local(|| (0..READS).map(|_| black_box(&cell).get().copied().unwrap_or(0)).sum::<u64>());
}

#[divan::bench]
fn tokio_once_cell_get(bencher: Bencher<'_, '_>) {
    let cell = tokio::sync::OnceCell::new_with(Some(7));
    bencher.bench_local(|| (0..READS).map(|_| black_box(&cell).get().copied().unwrap_or(0)).sum::<u64>());
}

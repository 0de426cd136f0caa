//! What `point` costs outside a run: each future awaited as it is, and through `point`, in turns, so that whatever else the
//! machine does meets both alike. Times are the processor's; the ratio is the median of the turns' ratios.
//!
//! `-- ready plain 1000000` awaits one of them that often and prints nothing: for a profiler that counts instructions.

use std::alloc::System;
use std::future::{Future, ready};
use std::hint::black_box;

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use cpu_time::ProcessTime;
use nevernone::campaign::{Options, check};
use nevernone::{Scenario, fault_at};
use nevernone_point::point;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Odd, so that there is a median.
const TURNS: usize = 51;

/// What is awaited, plain and through `point`.
struct Pair {
    name: &'static str,
    /// How often in one turn.
    times: u32,
    plain: fn(u32),
    pointed: fn(u32),
}

const PAIRS: &[Pair] = &[
    Pair {
        name: "ready",
        times: 100_000,
        plain: |times| repeat(times, ready),
        pointed: |times| repeat(times, |number| point("x", ready(number))),
    },
    Pair {
        name: "yield",
        times: 100_000,
        plain: |times| repeat(times, yields),
        pointed: |times| repeat(times, |number| point("x", yields(number))),
    },
    Pair {
        name: "oneshot",
        times: 20_000,
        plain: |times| repeat(times, oneshot),
        pointed: |times| repeat(times, |number| point("x", oneshot(number))),
    },
    Pair {
        name: "connection",
        times: 1_000,
        plain: |times| repeat(times, connection),
        pointed: |times| repeat(times, |number| point("x", connection(number))),
    },
];

/// Pending once, as whatever has to wait is.
async fn yields(number: u32) -> u32 {
    tokio::task::yield_now().await;
    number
}

/// An answer that another task sends.
async fn oneshot(number: u32) -> u32 {
    let (send, receive) = tokio::sync::oneshot::channel();
    tokio::spawn(async move { send.send(number) });
    receive.await.expect("it was sent")
}

/// What a point is put around in earnest, only shorter: the other side is in this process, and no name is resolved.
async fn connection(number: u32) -> u32 {
    let (near, far) = tokio::net::UnixStream::pair().expect("two sockets");
    far.try_write(&number.to_le_bytes()).expect("there is room for four bytes");
    near.readable().await.expect("it was written to");
    let mut read = [0; 4];
    near.try_read(&mut read).expect("four bytes came");
    u32::from_le_bytes(read)
}

fn repeat<F: Future<Output = u32>>(times: u32, future: impl Fn(u32) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    runtime.block_on(async {
        for number in 0..times {
            assert_eq!(future(black_box(number)).await, number);
        }
    });
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [name, how, times] = &words[..] {
        let pair = PAIRS.iter().find(|pair| pair.name == name).expect("a name from the table");
        return if how == "plain" { pair.plain } else { pair.pointed }(times.parse().expect("how often"));
    }
    println!("as in production, where no framework is linked that would listen:\n{}", table());
    // From the first run on the framework listens at every point of the process.
    check(&Scenario::new("listens", || async { drop(fault_at("x").ok(|| 1_u32)) }), &Options::default());
    println!("in a test's process, outside a run:\n{}", table());
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(["awaited", "plain, ns", "point, ns", "ratio", "allocations more"]);
    for pair in PAIRS {
        table.add_row(row(pair));
    }
    table
}

fn row(pair: &Pair) -> [String; 5] {
    let mut turns: Vec<(f64, f64)> = (0..TURNS).map(|_| (nanoseconds(pair.plain), nanoseconds(pair.pointed))).collect();
    turns.sort_by(|(plain, pointed), (others, other)| (pointed / plain).total_cmp(&(other / others)));
    let (plain, pointed) = turns[TURNS / 2];
    let more = allocations(pair.pointed, pair.times).abs_diff(allocations(pair.plain, pair.times));
    assert_eq!(more, 0, "`point` allocates nothing");
    let ratio = format!("{:.3}", pointed / plain);
    [pair.name.to_owned(), format!("{plain:.1}"), format!("{pointed:.1}"), ratio, more.to_string()]
}

/// Of one await.
fn nanoseconds(awaits: fn(u32), times: u32) -> f64 {
    let started = ProcessTime::now();
    awaits(times);
    started.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}

fn allocations(awaits: fn(u32), times: u32) -> usize {
    let region = Region::new(ALLOCATOR);
    awaits(times);
    region.change().allocations
}

//! One 200-byte event to many connections, in waves: the next one begins when everybody has the last.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::median;
use super::peers::{Peer, Publisher, serve};

/// Events of one wave; less than what waits for one connection at most.
const WAVE: u16 = 256;

/// Odd, so that there is a median.
const TURNS: usize = 15;

pub(crate) fn print() {
    println!(
        "fan-out of one 200-byte event, waves of {WAVE}; ratio to raw TCP, higher is faster, medians of {TURNS} turns"
    );
    println!("| connections | peer | µs of the clock an event | ratio | µs of the processor an event | ratio |");
    println!("|---|---|---|---|---|---|");
    for count in [100, 1_000] {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(compare(count));
        runtime.shutdown_background();
    }
}

/// Clients that count the events that they have, and who sends to them.
struct Stage {
    publisher: Publisher,
    /// One message whenever one client has a whole wave.
    arrived: mpsc::UnboundedReceiver<()>,
    count: usize,
}

#[derive(Clone, Copy)]
struct Cost {
    clock: Duration,
    processor: Duration,
}

impl Stage {
    async fn set(peer: Peer, count: usize) -> Self {
        let (clients, publisher) = serve(peer, count).await;
        let (arrive, arrived) = mpsc::unbounded_channel();
        for client in clients {
            tokio::spawn(hear(client, arrive.clone()));
        }
        Self { publisher, arrived, count }
    }

    async fn wave(&mut self) -> Cost {
        let (clock, processor) = (Instant::now(), ProcessTime::now());
        for _ in 0..WAVE {
            self.publisher.publish();
        }
        for _ in 0..self.count {
            self.arrived.recv().await.expect("the clients live");
        }
        Cost { clock: clock.elapsed(), processor: processor.elapsed() }
    }
}

/// Reads frames of texts and tells of each whole wave.
async fn hear(mut stream: TcpStream, arrive: mpsc::UnboundedSender<()>) {
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut heard = 0;
    while stream.read_buf(&mut buffer).await.is_ok_and(|count| count > 0) {
        let mut rest = &buffer[..];
        while let [0x81, 126, high, low, payload @ ..] = rest {
            let Some(after) = payload.get(usize::from(u16::from_be_bytes([*high, *low]))..) else {
                break;
            };
            rest = after;
            heard += 1;
            if heard == WAVE {
                heard = 0;
                arrive.send(()).expect("somebody waits");
            }
        }
        let read = buffer.len() - rest.len();
        buffer.drain(..read);
    }
}

async fn compare(count: usize) {
    let mut stages = Vec::new();
    for peer in Peer::ALL {
        let mut stage = Stage::set(peer, count).await;
        // Once for nothing: buffers grow to their size.
        stage.wave().await;
        stages.push((peer, stage, Vec::new()));
    }
    for _ in 0..TURNS {
        for (_, stage, costs) in &mut stages {
            costs.push(stage.wave().await);
        }
    }
    let (_, _, raw) = &stages[0];
    for (peer, _, costs) in &stages {
        let of = |pick: fn(&Cost) -> Duration| {
            let micros = median(costs.iter().map(|cost| pick(cost).as_secs_f64() * 1e6).collect()) / f64::from(WAVE);
            let ratios = raw.iter().zip(costs).map(|(raw, cost)| pick(raw).as_secs_f64() / pick(cost).as_secs_f64());
            format!("{micros:.1} | {:.2}", median(ratios.collect()))
        };
        println!("| {count} | {} | {} | {} |", peer.name(), of(|cost| cost.clock), of(|cost| cost.processor));
    }
}

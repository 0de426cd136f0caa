//! Memory of connections that nobody uses. The clients' ends are bare sockets, which cost the process next to nothing.

use std::fs;

use super::peers::{Peer, serve};

const CONNECTIONS: u16 = 2_000;

pub(crate) fn print() {
    println!("\nresident memory of one of {CONNECTIONS} idle connections");
    println!("| peer | KiB |");
    println!("|---|---|");
    for peer in Peer::ALL {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let told = runtime.block_on(async {
            // What the first ones cost once for all is not theirs.
            let warm = serve(peer, 50).await;
            let before = resident();
            let served = serve(peer, usize::from(CONNECTIONS)).await;
            let kib = resident().map(|after| (after - before.unwrap_or_default()) / f64::from(CONNECTIONS));
            drop((warm, served));
            kib
        });
        runtime.shutdown_background();
        match told {
            Some(kib) => println!("| {} | {kib:.1} |", peer.name()),
            None => println!("| {} | only Linux tells it |", peer.name()),
        }
    }
}

/// In KiB.
fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

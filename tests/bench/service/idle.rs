//! Memory of connections that nobody uses. The clients' ends are bare sockets, which cost the process next to nothing.

use std::fs;
use std::process::Command;

use super::peers::{Peer, serve};

const CONNECTIONS: u16 = 2_000;

pub(crate) fn print() {
    println!("\nresident memory of one of {CONNECTIONS} idle connections");
    println!("| peer | KiB |");
    println!("|---|---|");
    for (number, peer) in Peer::ALL.into_iter().enumerate() {
        // In a process of its own: what one peer gives back, the next would find.
        let program = std::env::current_exe().expect("a program");
        let output = Command::new(program).args(["idle-of", &number.to_string()]).output().expect("started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        println!("| {} | {} |", peer.name(), String::from_utf8_lossy(&output.stdout).trim());
    }
}

/// The same of one peer, by its number.
pub(crate) fn print_of(number: usize) {
    let peer = Peer::ALL[number];
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let kib = runtime.block_on(async {
        // What the first ones cost once for all is not theirs.
        let warm = serve(peer, 50).await;
        let before = resident();
        let served = serve(peer, usize::from(CONNECTIONS)).await;
        let kib = before.zip(resident()).map(|(before, after)| (after - before) / f64::from(CONNECTIONS));
        drop((warm, served));
        kib
    });
    println!("{}", kib.map_or_else(|| "only Linux tells it".to_owned(), |kib| format!("{kib:.1}")));
}

/// In KiB.
fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

//! From nothing to Ready: the platform alone, and the whole program as an orchestrator sees it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nevernone_reference::env::TokioEnv;
use nevernone_reference::manager::{BoxFuture, Candidate, CreateError, Limits, ManagerFactory};
use nevernone_reference::startup::{Parts, Platform};
use serde_json::Value;

use super::median;

/// Odd, so that there is a median.
const TURNS: usize = 31;

struct InMemory;

impl ManagerFactory for InMemory {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        Box::pin(async { Ok(Some(Candidate::complete(Limits::default()))) })
    }
}

pub(crate) fn print() {
    println!("\nstartup to Ready, medians of {TURNS}");
    println!("| what | µs |");
    println!("|---|---|");
    println!("| the platform alone | {:.0} |", micros(platform));
    println!("| the program, from its start to 200 on /readyz | {:.0} |", micros(program));
}

fn micros(once: fn() -> Duration) -> f64 {
    once();
    median((0..TURNS).map(|_| once().as_secs_f64() * 1e6).collect())
}

fn platform() -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let begun = Instant::now();
        let platform = Platform::new(TokioEnv::new(), Parts::standard(Arc::new(InMemory))).expect("good parts");
        platform.start().await.expect("started");
        let took = begun.elapsed();
        platform.stop().await;
        took
    })
}

fn program() -> Duration {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_nevernone"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let log = BufReader::new(child.stderr.take().expect("piped"));
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(&line.expect("text")).expect("JSON"));
    let listening = lines.into_iter().find(|line| line["event"] == "server.listening").expect("it listens");
    let address = listening["address"].as_str().expect("a text").to_owned();
    while !is_ready(&address) {}
    let took = begun.elapsed();
    child.kill().expect("it runs");
    child.wait().expect("awaited");
    took
}

fn is_ready(address: &str) -> bool {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("read");
    answer.starts_with("HTTP/1.1 200")
}

//! SIGTERM in the middle of a burst, at the real program: whatever was accepted is told its end, and every socket says why
//! it closes.

use super::client::PATIENCE;
use futures_util::{SinkExt, StreamExt};
use nevernone_reference::verify_logs::{Checklist, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Each on a thread of its own.
const CLIENTS: usize = 48;

/// Requests that a client has under way at a time: together fewer than the platform's limit of runs.
const IN_FLIGHT: usize = 16;

/// Runs that have ended, over all clients, when the signal comes.
const ENDED_BEFORE: usize = 400;

/// The real program, once it listens. Dropping it kills it.
struct Program {
    child: Child,
    address: String,
    /// Reads the log to its end.
    reading: JoinHandle<String>,
}

impl Program {
    async fn serve(until: Until) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nevernone"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let log = BufReader::new(child.stderr.take().expect("piped"));
        let (listens, address) = oneshot::channel();
        let reading = tokio::task::spawn_blocking(move || read(log, listens, until));
        let address = timeout(PATIENCE, address).await.expect("in time").expect("it listens");
        Self { child, address, reading }
    }

    /// Asks `/readyz` until it is.
    async fn is_ready(&self) {
        let ready = async {
            loop {
                let mut stream = TcpStream::connect(&self.address).await.expect("it listens");
                let request = "GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
                stream.write_all(request.as_bytes()).await.expect("written");
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.expect("read");
                if answer.starts_with("HTTP/1.1 200") {
                    return;
                }
            }
        };
        timeout(PATIENCE, ready).await.expect("ready in time");
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("there is kill").success());
    }

    /// The whole log and how the program ended.
    async fn ended(mut self) -> (String, ExitStatus) {
        let log = timeout(PATIENCE, &mut self.reading).await.expect("it ends in time").expect("no panic");
        // The log has ended, so the program has as good as ended too.
        (log, self.child.wait().expect("awaited"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless the test fails.
        let _ = self.child.kill();
    }
}

/// How long the log is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Ended,
    Listening,
}

/// The log; tells the address as soon as it is there.
fn read(log: impl BufRead, listens: oneshot::Sender<String>, until: Until) -> String {
    let mut listens = Some(listens);
    let mut said = String::new();
    for line in log.lines() {
        let line = line.expect("text");
        let told: Value = serde_json::from_str(&line).expect("a line of JSON");
        if let Some(listens) = listens.take_if(|_| told["event"] == "server.listening") {
            let _ = listens.send(told["address"].as_str().expect("a text").to_owned());
            if until == Until::Listening {
                break;
            }
        }
        said.push_str(&line);
        said.push('\n');
    }
    said
}

/// What one client heard.
#[derive(Debug, Default)]
struct Heard {
    /// Terminal events by run.
    ends: BTreeMap<String, usize>,
    /// Runs of which anything was heard.
    runs: BTreeMap<String, usize>,
    /// Codes of refusals.
    refused: Vec<String>,
    close: Option<u16>,
}

impl Heard {
    /// True for what ends a request.
    fn take(&mut self, told: &Value) -> bool {
        if told["type"] == "error" {
            self.refused.push(told["code"].as_str().expect("a code").to_owned());
            return true;
        }
        let run = told["run_id"].as_str().expect("a run").to_owned();
        *self.runs.entry(run.clone()).or_default() += 1;
        let ends = told["type"] == "agent_completed" || told["type"] == "agent_error";
        if ends {
            *self.ends.entry(run).or_default() += 1;
        }
        ends
    }
}

/// Asks as fast as it is answered until the socket closes, and hears everything.
async fn hammer(address: String, number: usize, ended: Arc<Semaphore>) -> Heard {
    let thread = format!("t{number}");
    let stream = TcpStream::connect(&address).await.expect("connected");
    let url = format!("ws://{address}/ws?user=u{number}&thread={thread}");
    let (socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("upgraded");
    let (mut sink, mut incoming) = socket.split();
    let window = Arc::new(Semaphore::new(IN_FLIGHT));
    let room = Arc::clone(&window);
    let asking = tokio::spawn(async move {
        let payload = json!({"text": "what is 6 * 7?"});
        let request =
            json!({"type": "agent_request", "agent": "optimization", "thread_id": thread, "payload": payload})
                .to_string();
        while let Ok(permit) = room.acquire().await {
            permit.forget();
            if sink.send(Message::text(request.clone())).await.is_err() {
                return;
            }
        }
    });
    let mut heard = Heard::default();
    let hearing = async {
        while let Some(Ok(message)) = incoming.next().await {
            match message {
                Message::Text(text) => {
                    let ends = usize::from(heard.take(&serde_json::from_str(&text).expect("JSON")));
                    window.add_permits(ends);
                    ended.add_permits(ends);
                }
                Message::Close(frame) => heard.close = frame.map(|frame| frame.code.into()),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, hearing).await.expect("closed in time");
    window.close();
    asking.await.expect("no panic");
    heard
}

/// Clients that come all the time: told why not, or served and closed as everybody else.
async fn arrive(address: String, over: Arc<AtomicBool>) -> Vec<Option<u16>> {
    let mut closes = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let Ok(stream) = TcpStream::connect(&address).await else {
            break;
        };
        let url = format!("ws://{address}/ws?user=late&thread=late-{}", closes.len());
        // Refused with 503, or by a port that is closed in the middle of it.
        let Ok((mut socket, _)) = tokio_tungstenite::client_async(url, stream).await else {
            continue;
        };
        let mut close = None;
        // One who was let in before the signal waits for it here; so only one does.
        while let Some(Ok(message)) = timeout(PATIENCE, socket.next()).await.expect("closed in time") {
            if let Message::Close(frame) = message {
                close = frame.map(|frame| frame.code.into());
            }
        }
        closes.push(close);
    }
    closes
}

/// Each run that the log says was accepted, with its thread.
fn accepted(log: &str) -> Vec<(String, String)> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let text = |line: &Value, name: &str| line[name].as_str().expect("a text").to_owned();
    lines
        .filter(|line| line["event"] == "run.accepted")
        .map(|line| (text(&line, "run"), text(&line, "thread")))
        .collect()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sigterm_in_a_burst_leaves_nobody_without_an_answer() {
    let program = Program::serve(Until::Ended).await;
    program.is_ready().await;
    let (ended, over) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (address, ended) = (program.address.clone(), Arc::clone(&ended));
        clients.spawn(async move { (number, hammer(address, number, ended).await) });
    }
    let late = tokio::spawn(arrive(program.address.clone(), Arc::clone(&over)));
    let many = u32::try_from(ENDED_BEFORE).expect("few");
    timeout(PATIENCE, ended.acquire_many(many)).await.expect("answered in time").expect("open").forget();
    program.terminate();
    let heard: BTreeMap<String, Heard> =
        clients.join_all().await.into_iter().map(|(number, heard)| (format!("t{number}"), heard)).collect();
    over.store(true, Ordering::SeqCst);
    let closes = late.await.expect("no panic");
    let (log, status) = program.ended().await;

    assert_eq!(status.code(), Some(0), "{log}");
    for (thread, heard) in &heard {
        assert_eq!(heard.close, Some(1001), "the socket of {thread}");
        assert!(heard.ends.values().all(|count| *count == 1), "two ends of one run in {thread}: {:?}", heard.ends);
        assert!(heard.runs.keys().eq(heard.ends.keys()), "a run of {thread} without an end");
        let known = ["not_ready", "too_many_runs"];
        assert!(heard.refused.iter().all(|code| known.contains(&code.as_str())), "{:?}", heard.refused);
    }
    assert!(closes.iter().all(|close| *close == Some(1001)), "of those who came late: {closes:?}");
    let accepted = accepted(&log);
    for (run, thread) in &accepted {
        assert!(heard[thread].ends.contains_key(run), "{run} was accepted, and {thread} was not told its end");
    }
    let told: usize = heard.values().map(|heard| heard.ends.len()).sum();
    assert_eq!(accepted.len(), told, "what was told is what was accepted");
    assert!(told >= ENDED_BEFORE, "no burst: {told} runs");
    expect_nothing_lost(&log);
}

fn expect_nothing_lost(log: &str) {
    let mut checklist = Checklist::default();
    checklist.read("serve.log", log.as_bytes()).expect("readable");
    let report = checklist.finish();
    assert_eq!(report.verdict(), Verdict::Passed, "{report}");
    assert!(
        !log.contains("event.lost") && report.to_string().contains("ok    every event reached somebody"),
        "{report}"
    );
}

/// Whoever reads the log may end before the service does: a pipe whose other end is closed.
#[cfg(unix)]
#[tokio::test]
async fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let program = Program::serve(Until::Listening).await;
    program.is_ready().await;
    let ended = Arc::new(Semaphore::new(0));
    let client = tokio::spawn(hammer(program.address.clone(), 1, Arc::clone(&ended)));
    timeout(PATIENCE, ended.acquire_many(100)).await.expect("answered in time").expect("open").forget();
    program.terminate();
    let heard = client.await.expect("no panic");
    assert_eq!((heard.close, heard.runs.len()), (Some(1001), heard.ends.len()));
    let (_, status) = program.ended().await;
    assert_eq!(status.code(), Some(0));
}

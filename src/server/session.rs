//! One WebSocket: a task that reads what the client asks, and a task that writes what it is told.

use super::linger::{await_close, linger};
use super::metrics::Metrics;
use super::wire::{self, Refusal};
use super::{Phase, ServerOptions, Shared};
use crate::backend::Backend;
use crate::event::{Frame, ThreadId, UserId};
use crate::log;
use crate::manager::{Batch, Close, Connection, Replies};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Utf8Bytes};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

pub(super) type Socket<S> = WebSocketStream<S>;
pub(super) type Sink<S> = SplitSink<Socket<S>, Message>;

/// What a session speaks over: a socket, or whatever else carries bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// The default of 128 KiB would cost 137 MB for a thousand connections, and is zero-filled at every poll.
const READ_BUFFER: usize = 4 * 1024;
/// A close frame is a control frame: 125 bytes, two of them the code.
const LONGEST_REASON: usize = 123;

/// Why reading ended.
enum Read {
    /// The closing handshake is over, or the socket is gone: nothing more can be told.
    Gone,
    /// The client broke a rule, or is silent: it is told, and closed.
    Refused(Close),
    /// The service stops.
    Stopped,
}

/// Why writing ended.
enum Written<S> {
    /// The close was written; the sink is still usable.
    Closed(Sink<S>),
    /// A write failed or took too long. A frame may be half written, so nothing is ever sent after it.
    Broken,
}

/// Runs until the connection is over; every wait has a deadline. The connection is detached when the writer
/// ends, and what it did not take goes back to the thread.
pub(super) async fn run<B: Backend>(
    stream: impl Stream,
    early: Bytes,
    connection: Connection,
    shared: &Arc<Shared<B>>,
) {
    let options = &shared.options;
    let config = Some(config(options));
    let socket = WebSocketStream::from_partially_read(stream, early.into(), Role::Server, config).await;
    let (sink, mut incoming) = socket.split();
    let client = Client::of(&connection);
    // In a set, so that dropping this task ends the writer too.
    let mut writer = JoinSet::new();
    let (gone, is_gone) = oneshot::channel::<()>();
    writer.spawn(write(sink, connection, options.clone(), is_gone));
    let read = tokio::select! {
        read = client.read(&mut incoming, shared) => read,
        written = writer.join_next() => return after_close(written, &mut incoming, options).await,
        () = shared.reached(Phase::Closing) => Read::Stopped,
    };
    match read {
        // Detached means detached when this task is joined: the writer ends at its next poll.
        Read::Gone => {
            drop(gone);
            writer.join_next().await;
        }
        Read::Stopped => {
            client.replies.close(Close::new(1001, "the service is shutting down"));
            after_close(writer.join_next().await, &mut incoming, options).await;
        }
        Read::Refused(close) => {
            client.replies.close(close);
            let written = timeout(options.close_deadline, writer.join_next()).await;
            if let Ok(Some(Ok(Written::Closed(sink)))) = written {
                linger(incoming, sink, options.close_deadline).await;
            }
        }
    }
}

fn config(options: &ServerOptions) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(options.message_bytes))
        .max_frame_size(Some(options.message_bytes))
}

/// The service closed the connection: its client may answer within the deadline.
async fn after_close<S: Stream>(
    written: Option<Result<Written<S>, tokio::task::JoinError>>,
    incoming: &mut SplitStream<Socket<S>>,
    options: &ServerOptions,
) {
    match written {
        Some(Ok(Written::Closed(_sink))) => await_close(incoming, options.close_deadline).await,
        Some(Ok(Written::Broken)) | None => {}
        Some(Err(error)) => {
            log::server_socket_failed(error);
        }
    }
}

/// What the reader knows of its client.
struct Client {
    user: UserId,
    thread: ThreadId,
    replies: Replies,
}

impl Client {
    fn of(connection: &Connection) -> Self {
        Self { user: connection.user().clone(), thread: connection.thread().clone(), replies: connection.replies() }
    }

    async fn read<B: Backend>(&self, incoming: &mut SplitStream<Socket<impl Stream>>, shared: &Shared<B>) -> Read {
        let silence = shared.options.ping_interval + shared.options.pong_deadline;
        let mut pings = Pings::of(&shared.options);
        loop {
            let message = match timeout(silence, incoming.next()).await {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => return verdict(&error, shared.options.message_bytes),
                Ok(None) => return Read::Gone,
                Err(_) => return Read::Refused(Close::new(1011, "no answer to pings")),
            };
            match message {
                Message::Text(text) => self.handle(&text, shared),
                Message::Binary(_) => {
                    self.refuse(&Refusal::new("binary", "send text messages that hold JSON"), &shared.metrics);
                }
                // Answered by the library, which keeps the answers that the client does not read.
                Message::Ping(_) if pings.is_flood(Instant::now()) => {
                    let reason = format!("more than {} pings within {:?}", pings.most, pings.within);
                    return Read::Refused(Close::new(1008, reason));
                }
                // After a close the next read sends the reply and ends.
                Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
            }
        }
    }

    fn handle<B: Backend>(&self, text: &str, shared: &Shared<B>) {
        let asked = wire::parse(text, &self.user, &self.thread).and_then(|request| {
            shared.backend.submit(request).map_err(|error| Refusal::new(error.code(), error.to_string()))
        });
        match asked {
            Ok(_) => shared.metrics.accepted(),
            Err(refusal) => self.refuse(&refusal, &shared.metrics),
        }
    }

    fn refuse(&self, refusal: &Refusal, metrics: &Metrics) {
        metrics.refused(refusal);
        // A client that does not read its errors meets the slow client's policy; there is nobody else to tell.
        let _ = self.replies.send(refusal.json());
    }
}

/// A client's pings within the interval of ours.
struct Pings {
    most: usize,
    within: Duration,
    since: Instant,
    count: usize,
}

impl Pings {
    fn of(options: &ServerOptions) -> Self {
        Self { most: options.pings, within: options.ping_interval, since: Instant::now(), count: 0 }
    }

    /// Counts one more.
    fn is_flood(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= self.within {
            (self.since, self.count) = (now, 0);
        }
        self.count += 1;
        self.count > self.most
    }
}

/// Which close code answers which error.
fn verdict(error: &Error, limit: usize) -> Read {
    match error {
        Error::Capacity(_) => Read::Refused(Close::new(1009, format!("a message is over the limit of {limit} bytes"))),
        Error::Utf8(_) => Read::Refused(Close::new(1007, "a text message is not UTF-8")),
        Error::Protocol(problem) => Read::Refused(Close::new(1002, problem.to_string())),
        _ => Read::Gone,
    }
}

async fn write<S: Stream>(
    mut sink: Sink<S>,
    mut connection: Connection,
    options: ServerOptions,
    mut gone: oneshot::Receiver<()>,
) -> Written<S> {
    tokio::select! {
        biased;
        _ = &mut gone => Written::Broken,
        closed = write_until_closed(&mut sink, &mut connection, &options) => {
            if closed.is_ok() { Written::Closed(sink) } else { Written::Broken }
        }
    }
}

/// A write failed, or took longer than its deadline.
struct WriteFailed;

async fn write_until_closed(
    sink: &mut Sink<impl Stream>,
    connection: &mut Connection,
    options: &ServerOptions,
) -> Result<(), WriteFailed> {
    let mut pings = interval_at(Instant::now() + options.ping_interval, options.ping_interval);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let batch = tokio::select! {
            biased;
            // First, so that a busy thread cannot starve the pings that keep its silent clients alive.
            _ = pings.tick() => {
                within(options, sink.send(Message::Ping(Bytes::new()))).await?;
                continue;
            }
            batch = connection.next_batch(options.batch) => batch,
        };
        match batch {
            Batch::Frames(frames) => within(options, write_batch(sink, frames)).await?,
            Batch::Closed(close) => {
                return within(options, sink.send(Message::Close(Some(frame(close))))).await;
            }
        }
    }
}

/// All frames, then one flush: batching is what makes fan-out cheap.
async fn write_batch(sink: &mut Sink<impl Stream>, frames: Vec<Frame>) -> Result<(), Error> {
    for frame in frames {
        sink.feed(Message::Text(Utf8Bytes::try_from(frame.bytes())?)).await?;
    }
    sink.flush().await
}

async fn within(options: &ServerOptions, write: impl Future<Output = Result<(), Error>>) -> Result<(), WriteFailed> {
    match timeout(options.write_deadline, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(WriteFailed),
    }
}

fn frame(close: Close) -> CloseFrame {
    let Close { code, mut reason } = close;
    while reason.len() > LONGEST_REASON {
        reason.pop();
    }
    CloseFrame { code: code.into(), reason: reason.into() }
}

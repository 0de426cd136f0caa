//! Ending a socket so that the client can read why: closing at once with bytes unread resets the connection,
//! and the reset overtakes the close frame.

use super::session::{Sink, Socket, Stream};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// Reads on until the client's own close has come, throwing away what else it says.
pub(super) async fn await_close(incoming: &mut SplitStream<Socket<impl Stream>>, deadline: Duration) {
    let ended = async { while let Some(Ok(_)) = incoming.next().await {} };
    // A client that does not answer is dropped; that is the deadline's whole purpose.
    let _ = timeout(deadline, ended).await;
}

/// As [`await_close`] for a client whose bytes make no sense any more: they are read raw until it closes.
pub(super) async fn linger<S: Stream>(incoming: SplitStream<Socket<S>>, sink: Sink<S>, deadline: Duration) {
    let Ok(mut socket) = incoming.reunite(sink) else {
        return;
    };
    let stream = socket.get_mut();
    let ended = async {
        stream.shutdown().await?;
        let mut scratch = [0; 4 * 1024];
        while stream.read(&mut scratch).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Errors and the deadline end it the same way: the socket is dropped.
    let _ = timeout(deadline, ended).await;
}

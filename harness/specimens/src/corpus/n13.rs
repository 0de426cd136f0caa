//! N13, retry (netra-systems/zen, `manager.py`): a send had a deadline, and was tried again when it had passed. A
//! deadline that passes in the middle of a frame leaves half of it on the wire: the frame that follows is read as its
//! other half.

use std::cell::RefCell;
use std::rc::Rc;

use nevernone::{Scenario, always, any_moment, millis, sometimes, spawn, watch};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "N13",
    class: "retry",
    reference: "netra-systems/zen@aea702e02 manager.py:603-640",
    broken: || scenario("N13/broken", |socket| Box::pin(send_again(socket))),
    fixed: || scenario("N13/fixed", |socket| Box::pin(send_or_close(socket))),
};

const FRAMES: [&[u8]; 2] = [b"<started>", b"<thinking>"];

async fn write_in_time(socket: &mut DuplexStream, frame: &[u8]) -> bool {
    timeout(millis(50), socket.write_all(frame)).await.is_ok_and(|written| written.is_ok())
}

/// Says whether all was sent in time.
async fn send_again(mut socket: DuplexStream) -> bool {
    let mut in_time = true;
    for frame in FRAMES {
        for _attempt in 0..3 {
            let sent = write_in_time(&mut socket, frame).await;
            in_time &= sent;
            if sent {
                break;
            }
        }
    }
    in_time
}

async fn send_or_close(mut socket: DuplexStream) -> bool {
    for frame in FRAMES {
        if !write_in_time(&mut socket, frame).await {
            return false;
        }
    }
    true
}

fn scenario(name: &'static str, send: fn(DuplexStream) -> Local<bool>) -> Scenario {
    Scenario::new(name, move || async move {
        // The kernel's buffer: half a frame.
        let (server, mut client) = duplex(4);
        let read = Rc::new(RefCell::new(Vec::new()));
        always("what is read is what was sent", watch(&read, |read| FRAMES.concat().starts_with(&read.borrow())));
        let sending = spawn("server", send(server));
        any_moment("the client begins to read").await;
        while let Ok(byte) = client.read_u8().await {
            read.borrow_mut().push(byte);
        }
        let in_time = sending.await;
        sometimes("a deadline passed in the middle of a frame", !in_time && !read.borrow().ends_with(b">"));
        sometimes("every frame arrived", in_time && *read.borrow() == FRAMES.concat());
    })
}

//! B30, start-stop (golang/go#20239, containerd/ttrpc#175): a stop told those who were listening. Asked for while the
//! server was still on its way to its accept loop it told nobody, was forgotten, and the server then ran for ever.

use std::cell::Cell;
use std::rc::Rc;

use nevernone::{Scenario, any_moment, daemon, eventually, millis, secs, sometimes, spawn, watch};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};

use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B30",
    class: "start-stop",
    reference: "https://github.com/golang/go/issues/20239",
    broken: || scenario("B30/broken", tell_who_listens),
    fixed: || scenario("B30/fixed", tell_whoever_will_listen),
};

#[derive(Default)]
struct Server {
    stop: Notify,
    listening: Cell<bool>,
    ended: Cell<bool>,
}

fn tell_who_listens(server: &Server) {
    server.stop.notify_waiters();
}

fn tell_whoever_will_listen(server: &Server) {
    // It stays until somebody takes it.
    server.stop.notify_one();
}

async fn serve(server: Rc<Server>, mut connections: mpsc::Receiver<()>) {
    // It reads its certificates.
    sleep(millis(20)).await;
    let mut stop = std::pin::pin!(server.stop.notified());
    server.listening.set(true);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(()) = connections.recv() => {}
        }
    }
    server.ended.set(true);
}

fn scenario(name: &'static str, stop: fn(&Server)) -> Scenario {
    Scenario::new(name, move || async move {
        let server = Rc::new(Server::default());
        let (connect, connections) = mpsc::channel(1);
        daemon("clients", async move {
            while connect.send(()).await.is_ok() {
                sleep(secs(1)).await;
            }
        });
        let serving = spawn("server", serve(Rc::clone(&server), connections));
        // The clients never rest, so the stop needs a latest moment.
        let _latest = timeout(secs(2), any_moment("a stop is asked for")).await;
        sometimes("the stop came before the server listened", !server.listening.get());
        sometimes("the stop came while the server listened", server.listening.get());
        stop(&server);
        eventually("a server that was told to stop ends", secs(3), watch(&server, |server| server.ended.get())).await;
        serving.await;
    })
}

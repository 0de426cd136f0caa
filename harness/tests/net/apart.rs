//! The network in runs that have a process each.

use nevernone::net::{self, TcpStream};
use nevernone::{Scenario, Verdict, daemon};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::fresh_process::fresh;
use crate::{listens, search};

fn conversation(trusts: bool) -> Scenario {
    let body = move || async move {
        net::faults("client", "server").only(&["reset"]);
        let listener = listens().await;
        daemon("server", async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                if let Ok(asked) = stream.read_u8().await {
                    let _ = stream.write_u8(asked + 1).await;
                }
            }
        });
        let mut stream = net::on("client", TcpStream::connect("server:80")).await.expect("listens");
        let sent = stream.write_u8(1).await;
        let answer = stream.read_u8().await;
        assert!(answer.is_ok() || !trusts, "no answer: {sent:?} {answer:?}");
    };
    Scenario::new("a conversation", body).preemptions(0)
}

#[test]
fn a_search_with_a_process_for_each_run_finds_what_the_same_search_in_one_process_does() {
    fresh(|| {
        let told = |scenario: &Scenario| {
            let report = search(scenario);
            let faults: Vec<_> = report.faults.iter().map(|fault| (fault.name, fault.fired)).collect();
            let failure = report.failure.map(|failure| (failure.cost, failure.token, failure.timeline));
            (report.verdict, report.runs, faults, failure)
        };
        let apart = [true, false].map(|trusts| told(&conversation(trusts).isolated()));
        assert_eq!(apart.each_ref().map(|report| report.0), [Verdict::Failed, Verdict::Verified], "{apart:#?}");
        assert_eq!(apart, [true, false].map(|trusts| told(&conversation(trusts))));
    });
}

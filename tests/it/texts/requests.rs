//! Why a request is not accepted, and why the service ends.

use nevernone_reference::backend::SubmitError;

fn names(names: [&str; 2]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

#[test]
fn of_a_request() {
    let known = names(["triage", "data"]);
    let tools = names(["calculator", "word_statistics"]);
    insta::assert_snapshot!(texts_of!(SubmitError {
        SubmitError::NotReady => SubmitError::NotReady,
        SubmitError::RealtimeUnavailable { .. } =>
            SubmitError::RealtimeUnavailable { reason: "the self-test failed".to_owned() },
        SubmitError::UnknownAgent { .. } => SubmitError::UnknownAgent { agent: "oracle".to_owned(), known },
        SubmitError::UnknownTool { .. } => SubmitError::UnknownTool { tool: "hammer".to_owned(), known: tools },
        SubmitError::BadPayload { .. } =>
            SubmitError::BadPayload { reason: "it needs the request's words, as in {\"text\": \"…\"}".to_owned() },
        SubmitError::TooManyRuns { .. } => SubmitError::TooManyRuns { limit: 1_024 },
    }), @r#"
    SubmitError::NotReady: the service is not ready; ask /readyz and send the request again
    SubmitError::RealtimeUnavailable { .. }: real-time events are unavailable: the self-test failed; send the request again later
    SubmitError::UnknownAgent { .. }: there is no agent "oracle"; the agents are triage, data
    SubmitError::UnknownTool { .. }: there is no tool "hammer"; the tools are calculator, word_statistics
    SubmitError::BadPayload { .. }: the payload is not usable: it needs the request's words, as in {"text": "…"}
    SubmitError::TooManyRuns { .. }: all 1024 runs at a time are in use; send the request again later
    "#);
}

#[cfg(feature = "server")]
mod service {
    use std::{io, time::Duration};

    use nevernone_reference::server::{ServeError, ServerOptions, bind};

    #[test]
    fn of_a_service() {
        let waited = Duration::from_secs(15);
        let source = io::Error::from(io::ErrorKind::AddrInUse);
        let nonsense = ServerOptions { batch: 0, ..ServerOptions::default() }.check().unwrap_err();
        insta::assert_snapshot!(texts_of!(ServeError {
            ServeError::Bind { .. } => ServeError::Bind { address: "127.0.0.1:8080".to_owned(), source },
            ServeError::Option { .. } => nonsense,
            ServeError::Undrained { .. } => ServeError::Undrained { waited },
            ServeError::Unclosed { .. } => ServeError::Unclosed { sockets: 3, waited },
        }), @r"
        ServeError::Bind { .. }: cannot listen on 127.0.0.1:8080: address in use; another program probably has the port, choose another with --listen
        ServeError::Option { .. }: the server's option batch makes no sense: zero lets nothing through, give at least 1
        ServeError::Undrained { .. }: runs were still under way 15s after the stop; their clients were closed without a last event; raise the deadline if runs may take longer
        ServeError::Unclosed { .. }: 3 sockets did not close within 15s and were dropped; their clients probably stopped reading
        ");
    }

    /// An address is what people give; each mistake has its own advice.
    #[tokio::test]
    async fn of_an_address() {
        let taken = bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
        let listener = bind(&taken).await.unwrap();
        let mut told = Vec::new();
        for address in [&taken, "127.0.0.1", "127.0.0.1:99999", "", "192.0.2.1:80"] {
            let error = bind(address).await.unwrap_err().to_string();
            assert!(error.starts_with(&format!("cannot listen on {address}: ")), "{error}");
            // What the system itself says differs from one to another.
            told.push(error.rsplit("; ").next().unwrap_or_default().to_owned());
        }
        drop(listener);
        insta::assert_snapshot!(told.join("\n"), @r"
        another program probably has the port, choose another with --listen
        give host and port, as in --listen 127.0.0.1:8080
        give host and port, as in --listen 127.0.0.1:8080
        give host and port, as in --listen 127.0.0.1:8080
        no network interface of this machine has that address, try 127.0.0.1:8080
        ");
    }
}

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
    }), @r"
    ");
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
        ");
    }

    /// An address is what people give; each mistake has its own advice.
    #[tokio::test]
    async fn of_an_address() {
        let told =
            async |address: &str| bind(address).await.map_or_else(|error| error.to_string(), |_| "fine".to_owned());
        let texts =
            [told("127.0.0.1").await, told("127.0.0.1:99999").await, told("").await, told("192.0.2.1:80").await];
        insta::assert_snapshot!(texts.join("\n"), @r"
        ");
    }
}

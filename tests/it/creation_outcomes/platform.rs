//! The platform from its start to an answered request: ready and wired n/n, or pristine and saying why.

use nevernone_reference::{
    agents::AgentName,
    backend::{Readiness, SubmitError, WiredAgents},
    env::TokioEnv,
    event::EventKind,
    startup::{Parts, Platform, Settings},
    supervisor::Request,
};
use serde_json::json;

use super::{
    Layer, Told, Words, World,
    outcomes::DEADLINE,
    retrying::{STARTUP, refusal},
    sequences::check_all,
};
use crate::support::{Client, kinds, thread};

pub(super) const PLATFORM: Layer =
    Layer { words: Words::Platform, deadline: Some(DEADLINE), drive: |world| Box::pin(start(world)), ..STARTUP };

/// The platform's own cell is used, not the world's.
async fn start(World { env, factory, .. }: World) -> Vec<Told> {
    let settings = Settings { attempt_deadline: Some(DEADLINE), ..Settings::lean() };
    let platform = Platform::new(env, Parts { settings, ..Parts::standard(factory) }).unwrap();
    match platform.start().await {
        Ok(()) => {
            answers(&platform).await;
            platform.start().await.unwrap();
            vec![Ok(platform.manager().unwrap())]
        }
        Err(error) => {
            let why = Some(error.to_string());
            assert_eq!(platform.readiness(), readiness(0, "uninitialized", why));
            assert!(!platform.is_ready() && platform.manager().is_none() && platform.cell().get().is_none());
            assert_eq!(platform.submit(request()), Err(SubmitError::NotReady));
            vec![Err(refusal(&error))]
        }
    }
}

async fn answers(platform: &Platform<TokioEnv>) {
    assert!(platform.is_ready());
    assert_eq!(platform.readiness(), readiness(8, "active", None));
    let mut client = Client::attach(&platform.manager().unwrap(), "thread");
    platform.submit(request()).unwrap();
    let events = client.until_ended(1).await;
    let expected = [
        EventKind::AgentStarted,
        EventKind::AgentThinking,
        EventKind::ToolExecuting,
        EventKind::ToolCompleted,
        EventKind::AgentCompleted,
    ];
    assert_eq!(kinds(&events), expected);
    assert_eq!(events[4].payload["result"], json!({"expression": "6 * 7", "value": 42.0}));
}

fn request() -> Request {
    Request { agent: AgentName::Optimization, thread: thread("thread"), text: "what is 6 * 7?".to_owned() }
}

fn readiness(wired: usize, bridge: &str, reason: Option<String>) -> Readiness {
    let agents = WiredAgents { wired, total: 8 };
    Readiness { ready: reason.is_none(), agents, bridge: bridge.to_owned(), connections: 0, reason }
}

#[test]
fn the_platform_is_ready_and_answers_or_is_as_new_and_says_every_cause() {
    check_all("platform", PLATFORM, 1_002);
}

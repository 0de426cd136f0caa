//! What a client says, and what it is told when that makes no sense.

use crate::backend::AgentRequest;
use crate::event::{ThreadId, UserId};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a client did wrong: a stable code for programs, a message for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "error")]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn json(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// Reads one message of a connection that is `user`'s and follows `thread`. Unknown fields are ignored.
pub(super) fn parse(text: &str, user: &UserId, thread: &ThreadId) -> Result<AgentRequest, Refusal> {
    let value = serde_json::from_str::<Value>(text)
        .map_err(|error| Refusal::new("invalid_json", format!("the message is not JSON: {error}")))?;
    let Value::Object(mut message) = value else {
        return Err(Refusal::new("invalid_message", "the message is JSON but not an object"));
    };
    match message.get("type").and_then(Value::as_str) {
        Some("agent_request") => agent_request(&mut message, user, thread),
        Some(_) => Err(Refusal::new("unknown_type", "the message's `type` is unknown; send `agent_request`")),
        None => Err(Refusal::new("missing_field", "the message lacks a `type`; send `agent_request`")),
    }
}

fn agent_request(message: &mut Map<String, Value>, user: &UserId, thread: &ThreadId) -> Result<AgentRequest, Refusal> {
    let named = take_text(message, "thread_id")?;
    if named != thread.as_str() {
        let told = format!("this connection follows thread `{thread}`; connect to the other one to use it");
        return Err(Refusal::new("wrong_thread", told));
    }
    Ok(AgentRequest {
        user: user.clone(),
        thread: thread.clone(),
        agent: take_text(message, "agent")?,
        payload: message.remove("payload").unwrap_or_default(),
    })
}

fn take_text(message: &mut Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match message.remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::new("invalid_message", format!("the request's `{name}` is not a text"))),
        None => Err(Refusal::new("missing_field", format!("the request lacks `{name}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(text: &str) -> Result<AgentRequest, Refusal> {
        let (user, thread) = (UserId::new("u").expect("a user"), ThreadId::new("t").expect("a thread"));
        parse(text, &user, &thread)
    }

    fn code(text: &str) -> &'static str {
        parsed(text).expect_err("refused").code
    }

    #[test]
    fn a_request_is_read_and_unknown_fields_are_ignored() {
        let text = r#"{"type":"agent_request","agent":"triage","thread_id":"t","payload":{"text":"x"},"more":1}"#;
        let request = parsed(text).expect("a good request");
        assert_eq!((request.agent.as_str(), request.thread.as_str(), request.user.as_str()), ("triage", "t", "u"));
        assert_eq!(request.payload, json!({"text": "x"}));
    }

    #[test]
    fn every_mistake_has_its_code() {
        assert_eq!(code("{"), "invalid_json");
        assert_eq!(code("[]"), "invalid_message");
        assert_eq!(code("{}"), "missing_field");
        assert_eq!(code(r#"{"type":1}"#), "missing_field");
        assert_eq!(code(r#"{"type":"nonsense"}"#), "unknown_type");
        assert_eq!(code(r#"{"type":"agent_request","agent":"a"}"#), "missing_field");
        assert_eq!(code(r#"{"type":"agent_request","thread_id":"t"}"#), "missing_field");
        assert_eq!(code(r#"{"type":"agent_request","agent":1,"thread_id":"t"}"#), "invalid_message");
        assert_eq!(code(r#"{"type":"agent_request","agent":"a","thread_id":"other"}"#), "wrong_thread");
        assert_eq!(code(&"[".repeat(10_000)), "invalid_json", "nesting is bounded");
    }

    #[test]
    fn a_refusal_has_the_shape_of_the_contract() {
        let json: Value = serde_json::from_str(&Refusal::new("c", "m").json()).expect("JSON");
        assert_eq!(json, json!({"type": "error", "code": "c", "message": "m"}));
    }
}

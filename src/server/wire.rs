//! What a client says, and what it is told when that makes no sense.

use crate::backend::AgentRequest;
use crate::event::{ThreadId, UserId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// In bytes.
const LONGEST_MESSAGE: usize = 512;

/// What a client did wrong: a stable code for programs, a message for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "error")]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    /// A message that quotes the client is cut: a mistake must not cost more to tell than to make.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > LONGEST_MESSAGE {
            let end = (0..=LONGEST_MESSAGE).rev().find(|place| message.is_char_boundary(*place));
            message.truncate(end.unwrap_or_default());
            message.push('…');
        }
        Self { code, message }
    }

    pub(super) fn json(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// The fields that mean something, as far as they are there. Others are skimmed, and nothing of them is kept.
///
/// Serde writes the visitor, and refuses a field that comes twice: of two threads or two agents no reader can know which
/// one was meant.
#[derive(Deserialize)]
struct Fields {
    #[serde(rename = "type")]
    kind: Option<Value>,
    thread_id: Option<Value>,
    agent: Option<Value>,
    payload: Option<Value>,
}

/// Reads one message of a connection that is `user`'s and follows `thread`. Unknown fields are ignored.
pub(super) fn parse(text: &str, user: &UserId, thread: &ThreadId) -> Result<AgentRequest, Refusal> {
    // Serde would take an array for the fields in their order.
    if !text.trim_ascii_start().starts_with('{') {
        return Err(no_object(text));
    }
    let message = serde_json::from_str::<Fields>(text).map_err(|error| unreadable(text, &error))?;
    match message.kind.as_ref().and_then(Value::as_str) {
        Some("agent_request") => agent_request(message, user, thread),
        Some(_) => Err(Refusal::new("unknown_type", "the message's `type` is unknown; send `agent_request`")),
        None => Err(Refusal::new("missing_field", "the message lacks a `type`; send `agent_request`")),
    }
}

fn no_object(text: &str) -> Refusal {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Refusal::new("invalid_message", "the message is JSON but not an object; send one object"),
        Err(error) => unreadable(text, &error),
    }
}

fn unreadable(text: &str, error: &serde_json::Error) -> Refusal {
    // Of two mistakes in one message the syntax is told: whoever wrote it does not know JSON.
    if error.is_data() && serde_json::from_str::<IgnoredAny>(text).is_ok() {
        return Refusal::new("invalid_message", format!("the message is ambiguous, {error}; give each field once"));
    }
    Refusal::new("invalid_json", format!("the message cannot be read as JSON: {error}; send one object of few levels"))
}

fn agent_request(mut message: Fields, user: &UserId, thread: &ThreadId) -> Result<AgentRequest, Refusal> {
    let named = text_of(message.thread_id.take(), "thread_id")?;
    if named != thread.as_str() {
        let told = format!("this connection follows thread `{thread}`; connect to the other one to use it");
        return Err(Refusal::new("wrong_thread", told));
    }
    Ok(AgentRequest {
        user: user.clone(),
        thread: thread.clone(),
        agent: text_of(message.agent.take(), "agent")?,
        payload: message.payload.unwrap_or_default(),
    })
}

fn text_of(field: Option<Value>, name: &str) -> Result<String, Refusal> {
    match field {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::new("invalid_message", format!("the request's `{name}` is not a text; send a string"))),
        None => Err(Refusal::new("missing_field", format!("the request lacks `{name}`; send a string"))),
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
        assert_eq!(code(&"[".repeat(10_000)), "invalid_json", "cut off");
    }

    #[test]
    fn a_field_that_comes_twice_is_refused_and_one_that_means_nothing_may() {
        let twice = r#"{"type":"agent_request","agent":"a","thread_id":"other","thread_id":"t"}"#;
        let refusal = parsed(twice).expect_err("ambiguous");
        assert_eq!(refusal.code, "invalid_message");
        assert!(refusal.message.contains("duplicate field `thread_id`"), "{}", refusal.message);
        assert_eq!(code(r#"{"agent":"a","agent":"b" "#), "invalid_json", "the syntax first");
        assert!(parsed(r#"{"type":"agent_request","agent":"a","thread_id":"t","x":1,"x":2}"#).is_ok());
        assert_eq!(code(r#"["agent_request","t","a",{}]"#), "invalid_message", "fields have names");
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(code(&deep(100_000)), "invalid_message");
        let request = |name: &str, value: &str| {
            parsed(&format!(r#"{{"type":"agent_request","agent":"a","thread_id":"t","{name}":{value}}}"#))
        };
        assert!(request("ignored", &deep(100_000)).is_ok(), "what means nothing is skimmed");
        let refusal = request("payload", &deep(100_000)).expect_err("too deep");
        assert_eq!(refusal.code, "invalid_json");
        assert!(refusal.message.contains("recursion limit"), "{}", refusal.message);
        assert!(request("payload", &deep(100)).is_ok());
    }

    #[test]
    fn a_refusal_is_short_however_long_the_mistake() {
        let refusal = Refusal::new("c", "é".repeat(60_000));
        assert!(refusal.message.len() <= LONGEST_MESSAGE + '…'.len_utf8() && refusal.message.ends_with("é…"));
    }

    #[test]
    fn a_refusal_has_the_shape_of_the_contract() {
        let json: Value = serde_json::from_str(&Refusal::new("c", "m").json()).expect("JSON");
        assert_eq!(json, json!({"type": "error", "code": "c", "message": "m"}));
    }
}

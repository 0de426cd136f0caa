//! The contract of a message, read once more: what its sender is owed. Written from the contract's words and over another
//! way of reading JSON than the service's.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::THREAD;
use super::platform::UNKNOWN;

/// The answer to one message.
#[derive(Debug)]
pub(super) enum Owed {
    /// The run's event.
    Event { agent: String, payload: Value },
    /// A refusal with one of these codes.
    Refusal(&'static [&'static str]),
}

pub(super) fn owed(text: &str) -> Owed {
    read(text).map_or_else(Owed::Refusal, |(agent, payload)| Owed::Event { agent, payload })
}

type Codes = &'static [&'static str];

fn read(text: &str) -> Result<(String, Value), Codes> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| &["invalid_json"][..])?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(&["invalid_message"]);
    }
    // What the skimming above takes for text and a reader of text does not: `"\ud800"` is no character.
    let Fields(fields) = serde_json::from_str(text).map_err(|_| &["invalid_json", "invalid_message"][..])?;
    let mut known = [("type", None), ("thread_id", None), ("agent", None), ("payload", None)];
    for (name, raw) in &fields {
        let Some((_, value)) = known.iter_mut().find(|(known, _)| known == name) else { continue };
        if value.is_some() {
            return Err(&["invalid_message"]);
        }
        // In a bracket, since it stands one level deep in its message.
        let read =
            serde_json::from_str::<[Value; 1]>(&format!("[{}]", raw.get())).map_err(|_| &["invalid_json"][..])?;
        *value = Some(read).map(|[value]| value);
    }
    let [kind, thread, agent, payload] = known.map(|(_, value)| value.filter(|value| !value.is_null()));
    match kind.as_ref().and_then(Value::as_str) {
        Some("agent_request") => {}
        Some(_) => return Err(&["unknown_type"]),
        None => return Err(&["missing_field"]),
    }
    if text_of(thread)? != THREAD {
        return Err(&["wrong_thread"]);
    }
    let agent = text_of(agent)?;
    if agent.starts_with(UNKNOWN) {
        return Err(&["unknown_agent"]);
    }
    Ok((agent, payload.unwrap_or_default()))
}

fn text_of(value: Option<Value>) -> Result<String, Codes> {
    match value {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(&["invalid_message"]),
        None => Err(&["missing_field"]),
    }
}

/// An object's fields in their order, those that come twice included.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

//! The `user` and `thread` of a request's query.

use crate::event::{IdError, ThreadId, UserId};
use crate::manager::Attach;
use thiserror::Error;

/// What is wrong with a query.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum QueryError {
    #[error("the query lacks `{0}`; connect to /ws?user=U&thread=T")]
    Missing(&'static str),
    #[error("the query has `{0}` more than once; give it once")]
    Twice(&'static str),
    #[error("the query's `{0}` is not percent-encoded UTF-8; write é as %C3%A9")]
    Encoding(&'static str),
    #[error(transparent)]
    Id(#[from] IdError),
}

/// Reads both; unknown fields are ignored.
pub(super) fn parse(query: &str) -> Result<Attach, QueryError> {
    Ok(Attach { user: UserId::new(field(query, "user")?)?, thread: ThreadId::new(field(query, "thread")?)? })
}

fn field(query: &str, name: &'static str) -> Result<String, QueryError> {
    let mut found = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    });
    let value = found.next().ok_or(QueryError::Missing(name))?;
    if found.next().is_some() {
        return Err(QueryError::Twice(name));
    }
    decoded(value).ok_or(QueryError::Encoding(name))
}

fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hexadecimal(rest.next()?)? << 4 | hexadecimal(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fields_are_decoded() {
        let who = parse("x=1&thread=t%2F%C3%A9&user=a+b").expect("a good query");
        assert_eq!((who.user.as_str(), who.thread.as_str()), ("a b", "t/é"));
    }

    #[test]
    fn every_mistake_has_its_text() {
        insta::assert_snapshot!(texts_of!(QueryError {
            QueryError::Missing(_) => QueryError::Missing("thread"),
            QueryError::Twice(_) => QueryError::Twice("thread"),
            QueryError::Encoding(_) => QueryError::Encoding("thread"),
            QueryError::Id(_) => IdError::Empty { what: "thread" }.into(),
        }), @r"
        QueryError::Missing(_): the query lacks `thread`; connect to /ws?user=U&thread=T
        QueryError::Twice(_): the query has `thread` more than once; give it once
        QueryError::Encoding(_): the query's `thread` is not percent-encoded UTF-8; write é as %C3%A9
        QueryError::Id(_): the thread is empty; give at least one character
        ");
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(parse(""), Err(QueryError::Missing("user")));
        assert_eq!(parse("user=u"), Err(QueryError::Missing("thread")));
        assert_eq!(parse("user=u&thread=a&thread=b"), Err(QueryError::Twice("thread")));
        for broken in ["%", "%1", "%zz", "%ff", "%+1"] {
            assert_eq!(parse(&format!("user={broken}&thread=t")), Err(QueryError::Encoding("user")), "{broken}");
        }
        assert!(matches!(parse("user=&thread=t"), Err(QueryError::Id(IdError::Empty { .. }))));
        assert!(matches!(parse("user=%00probe&thread=t"), Err(QueryError::Id(IdError::Control { .. }))));
    }
}

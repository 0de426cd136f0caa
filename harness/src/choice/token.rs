//! A run written down in one line that people can read, a shell can carry and a later build can refuse.
//!
//! `nn1:startup/early-request:7.next/3=1,12.fault@db.connect/5=2:5f3a9c01d2e4b677:4be1c2a0`: version; scenario; each
//! answer that was not the first alternative, as position, label, arity and value; the history that the run ended
//! with; a checksum over all of that, so that a token that was cut or mistyped is told from one that is outdated.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::{Entry, Kind, Tape};
use crate::hash::History;

const VERSION: &str = "nn1";

/// A recorded run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The scenario that it belongs to.
    pub scenario: String,
    /// The answers that were not the first alternative, by position.
    pub choices: Vec<TokenChoice>,
    /// The hash of the history that the run ended with.
    pub history: u64,
}

/// One answer in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenChoice {
    /// The draw's place in the run, from 0.
    pub position: usize,
    /// The draw's label.
    pub label: String,
    /// How many alternatives there were; `None` where their number is not known beforehand.
    pub arity: Option<u32>,
    /// The answer.
    pub value: u32,
}

/// Why a text is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It does not begin with a version at all.
    #[error(
        "`{0}` is no token: a token begins with `{VERSION}:` and has five parts between colons; copy the whole line"
    )]
    NotAToken(String),
    /// It was written by another version.
    #[error("the token is of version `{0}`, and this build reads `{VERSION}`; search again to get a new one")]
    OtherVersion(String),
    /// Its checksum is wrong.
    #[error("the token is damaged (its checksum does not fit): part of it was cut off or changed; copy it again")]
    Damaged,
    /// A part of it does not read.
    #[error("the token's part `{0}` does not read; copy it again")]
    BadPart(String),
}

impl Token {
    /// Writes down a finished run.
    pub fn of(scenario: &str, tape: &Tape, history: History) -> Self {
        let choices = tape.entries().iter().enumerate().filter(|(_, entry)| entry.value != 0);
        Token {
            scenario: scenario.to_owned(),
            choices: choices.map(|(position, entry)| TokenChoice::of(position, entry)).collect(),
            history: history.value(),
        }
    }

    /// Which of two runs of one scenario comes first in lexicographic order: at the first draw that they answer
    /// differently, the lower answer.
    pub fn lexicographic(&self, other: &Token) -> Ordering {
        let differ = self.choices.iter().zip(&other.choices).find(|(one, other)| one != other);
        match differ {
            Some((one, other)) if one.position == other.position => one.value.cmp(&other.value),
            // The one that says nothing there answers with 0.
            Some((one, other)) => other.position.cmp(&one.position),
            None => self.choices.len().cmp(&other.choices.len()),
        }
    }

    fn body(&self) -> String {
        let choices: Vec<String> = self.choices.iter().map(TokenChoice::to_string).collect();
        let choices = if choices.is_empty() { "-".to_owned() } else { choices.join(",") };
        format!("{VERSION}:{}:{choices}:{:016x}", encode(&self.scenario), self.history)
    }
}

impl TokenChoice {
    fn of(position: usize, entry: &Entry) -> Self {
        let label = match entry.label.name {
            "" => entry.label.kind.word().to_owned(),
            name => format!("{}@{name}", entry.label.kind.word()),
        };
        let arity = (!matches!(entry.label.kind, Kind::Cut | Kind::Lane)).then_some(entry.arity);
        TokenChoice { position, label, arity, value: entry.value }
    }
}

impl fmt::Display for TokenChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = encode(&self.label);
        match self.arity {
            Some(arity) => write!(f, "{}.{label}/{arity}={}", self.position, self.value),
            // Nothing is there for a reader to take for the number of alternatives.
            None => write!(f, "{}.{}={}", self.position, label.replace('/', "%2f"), self.value),
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body();
        write!(f, "{body}:{:08x}", checksum(&body))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let not_a_token = || TokenError::NotAToken(text.chars().take(40).collect());
        let (version, _) = text.split_once(':').ok_or_else(not_a_token)?;
        if version != VERSION {
            let looks_like_ours = version.strip_prefix("nn").is_some_and(|rest| rest.parse::<u32>().is_ok());
            return Err(if looks_like_ours { TokenError::OtherVersion(version.to_owned()) } else { not_a_token() });
        }
        let (body, sum) = text.rsplit_once(':').ok_or(TokenError::Damaged)?;
        if u32::from_str_radix(sum, 16) != Ok(checksum(body)) {
            return Err(TokenError::Damaged);
        }
        let parts: Vec<&str> = body.split(':').collect();
        let [_, scenario, choices, history] = parts[..] else { return Err(not_a_token()) };
        let choices = match choices {
            "-" => Vec::new(),
            listed => listed.split(',').map(parse_choice).collect::<Result<_, _>>()?,
        };
        let history = u64::from_str_radix(history, 16).map_err(|_| TokenError::BadPart(history.to_owned()))?;
        let scenario = decode(scenario).ok_or_else(|| TokenError::BadPart(scenario.to_owned()))?;
        let token = Token { scenario, choices, history };
        // Numbers have several spellings, and a token has one: what was not written by us was changed.
        let written = token.to_string();
        match written.split(':').zip(text.split(':')).find(|(ours, theirs)| ours != theirs) {
            None => Ok(token),
            Some((_, theirs)) => Err(TokenError::BadPart(theirs.to_owned())),
        }
    }
}

fn parse_choice(text: &str) -> Result<TokenChoice, TokenError> {
    let parse = || {
        let (position, rest) = text.split_once('.')?;
        let (rest, value) = rest.rsplit_once('=')?;
        let (label, arity) = match rest.rsplit_once('/') {
            Some((label, arity)) => (label, Some(arity.parse().ok()?)),
            None => (rest, None),
        };
        let (position, value) = (position.parse().ok()?, value.parse().ok()?);
        Some(TokenChoice { position, label: decode(label)?, arity, value })
    };
    parse().ok_or_else(|| TokenError::BadPart(text.to_owned()))
}

/// Keeps letters, digits and `-_@./`, none of which ends a field where a name can stand; everything else becomes
/// `%xx`, so that a token needs no quoting and splits where it should.
fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_@./".contains(&byte) {
            encoded.push(byte as char);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02x}");
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let code = std::str::from_utf8(tail.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

/// FNV-1a, 32 bits: it only has to notice slips of hand.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::{Token, TokenChoice, TokenError, checksum};
    use crate::choice::{Alternatives, Cost, Draw, Kind, Label, Tape};
    use crate::hash::History;

    fn token() -> Token {
        Token {
            scenario: "tests::start up/ä".to_owned(),
            choices: vec![
                TokenChoice { position: 3, label: "next".into(), arity: Some(4), value: 1 },
                TokenChoice { position: 9, label: "cut".into(), arity: None, value: 2 },
                TokenChoice { position: 12, label: "fault@a/b=c,d".into(), arity: Some(3), value: 2 },
            ],
            history: 0x1234,
        }
    }

    #[test]
    fn of_a_cut_and_of_a_wait_it_is_not_told_how_many_there_were() {
        let mut tape = Tape::default();
        let kinds = [Kind::Next, Kind::Cut, Kind::Fault, Kind::Value, Kind::Lane];
        let told = kinds.map(|kind| {
            let alternatives = Alternatives::FirstFree { arity: 4, rest: Cost::Free };
            tape.record(&Draw { label: Label { kind, name: "" }, alternatives, history: History::default() }, 1);
            TokenChoice::of(0, &tape.entries()[tape.entries().len() - 1]).arity
        });
        assert_eq!(told, [Some(4), None, Some(4), Some(4), None]);
    }

    #[test]
    fn a_token_reads_back() {
        let empty = Token { choices: Vec::new(), ..token() };
        for token in [token(), empty] {
            assert_eq!(token.to_string().parse(), Ok(token.clone()), "{token}");
        }
    }

    #[test]
    fn every_slip_of_hand_is_told() {
        let good = token().to_string();
        for cut in 0..good.len() {
            assert!(good[..cut].parse::<Token>().is_err(), "cut after {cut}");
        }
        for place in 4..good.len() {
            let mut changed = good.clone().into_bytes();
            changed[place] ^= 1;
            assert!(String::from_utf8(changed).unwrap().parse::<Token>().is_err(), "changed at {place}");
        }
    }

    #[test]
    fn tokens_are_ordered_as_the_runs_that_they_name() {
        let of = |choices: &[(usize, u32)]| Token {
            choices: choices
                .iter()
                .map(|(position, value)| TokenChoice {
                    position: *position,
                    label: "next".into(),
                    arity: Some(9),
                    value: *value,
                })
                .collect(),
            ..token()
        };
        // As answers: 0000, 0001, 0010, 0012, 0100, 0101, 0200.
        let ordered =
            [&[][..], &[(3, 1)], &[(2, 1)], &[(2, 1), (3, 2)], &[(1, 1)], &[(1, 1), (3, 1)], &[(1, 2)]].map(of);
        for (one, other) in (0..7).flat_map(|one| (0..7).map(move |other| (one, other))) {
            assert_eq!(ordered[one].lexicographic(&ordered[other]), one.cmp(&other), "{one} and {other}");
        }
    }

    #[test]
    fn a_token_has_one_spelling() {
        let summed = |body: &str| format!("{body}:{:08x}", checksum(body));
        assert!(summed("nn1:a:7.next/3=1:0000000000001234").parse::<Token>().is_ok());
        for (body, part) in [
            ("nn1:a:+7.next/3=1:0000000000001234", "+7.next/3=1"),
            ("nn1:a:7.next/03=1:0000000000001234", "7.next/03=1"),
            ("nn1:a:7.%6eext/3=1:0000000000001234", "7.%6eext/3=1"),
            ("nn1:%61:-:0000000000001234", "%61"),
            ("nn1:a:-:1234", "1234"),
            ("nn1:a:-:000000000000ABCD", "000000000000ABCD"),
        ] {
            assert_eq!(summed(body).parse::<Token>(), Err(TokenError::BadPart(part.to_owned())), "{body}");
        }
        let shouted = token().to_string().replace("%c3", "%C3");
        assert!(shouted.parse::<Token>().is_err(), "{shouted}");
    }

    #[test]
    fn what_a_label_ends_with_is_not_taken_for_the_number_of_alternatives() {
        let choices = vec![TokenChoice { position: 9, label: "cut@a/7".into(), arity: None, value: 2 }];
        let token = Token { choices, ..token() };
        assert_eq!(token.to_string().parse(), Ok(token.clone()), "{token}");
    }

    #[test]
    fn another_version_is_named() {
        let other = token().to_string().replacen("nn1", "nn7", 1);
        assert_eq!(other.parse::<Token>(), Err(TokenError::OtherVersion("nn7".into())));
        assert!(matches!("rubbish".parse::<Token>(), Err(TokenError::NotAToken(_))));
    }
}

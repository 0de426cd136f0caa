//! Tokens: whatever reads prints as it was, and whatever was damaged is refused.

use nevernone::choice::token::{Token, TokenChoice};

use super::{Material, Target, fnv};

/// A text is read as a token, and where it begins like one, also with the checksum put behind it that it lacks: no fuzzer
/// finds a checksum by itself. Other bytes are what a token is made of.
pub(super) const TOKEN: Target = Target {
    name: "token",
    law: |bytes| {
        look_at(bytes);
        true
    },
    bare: |bytes| {
        let token = match as_text(bytes) {
            Some(text) => text.trim().parse(),
            None => made(bytes).to_string().parse::<Token>(),
        };
        drop(token.map(|token| token.to_string()));
    },
    case: |bytes| Some(look_at(bytes)),
    kept: <[u8]>::to_vec,
};

/// Holds one input to the law, and says what it stands for.
fn look_at(bytes: &[u8]) -> String {
    let Some(text) = as_text(bytes) else {
        return format!("made: {}", make(bytes));
    };
    let whole = read(text);
    let summed = read(&format!("{text}:{:08x}", fnv(text.as_bytes())));
    format!("read: {whole}; with its checksum: {summed}")
}

/// What is to be read; anything else is what a token is made of.
fn as_text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.starts_with("nn") || text.starts_with(char::is_whitespace))
}

/// Whatever reads prints as it was, apart from blanks around it; nobody else's run can be taken for it.
fn read(text: &str) -> String {
    let text = text.trim();
    match text.parse::<Token>() {
        Ok(token) => {
            assert_eq!(token.to_string(), text, "a token reads as another one");
            damage(text);
            text.to_owned()
        }
        Err(error) => error.to_string(),
    }
}

/// What is made reads back as itself, and can be carried by a shell.
fn make(bytes: &[u8]) -> Token {
    let token = made(bytes);
    let text = token.to_string();
    let quoted = text.bytes().find(|byte| !byte.is_ascii_alphanumeric() && !b"-_@./%:,=".contains(byte));
    assert_eq!(quoted, None, "a shell needs quotes for {text}");
    assert_eq!(text.parse().as_ref(), Ok(&token), "{text} reads as another run");
    damage(&text);
    token
}

fn made(bytes: &[u8]) -> Token {
    let mut material = Material(bytes);
    let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut token = Token { scenario: name(material.piece()), choices: Vec::new(), history: 0 };
    let mut position = 0;
    while !material.is_empty() {
        position += 1 + usize::from(material.byte());
        let label = name(material.piece());
        let arity = Some(u32::from(material.byte())).filter(|arity| *arity > 0);
        token.choices.push(TokenChoice { position, label, arity, value: material.byte().into() });
        token.history = token.history.rotate_left(7) ^ position as u64;
    }
    token
}

/// A token of which one byte was changed is refused. One place of each, which differs from token to token.
fn damage(text: &str) {
    let sum = fnv(text.as_bytes()) as usize;
    let (place, flip) = ((sum >> 2) % text.len(), [0x01, 0x02, 0x04, 0x20][sum % 4]);
    let mut bytes = text.as_bytes().to_vec();
    bytes[place] ^= flip;
    let damaged = String::from_utf8(bytes).expect("a token is ASCII");
    if let Ok(other) = damaged.parse::<Token>() {
        panic!("{text}, damaged at its byte {place} to {damaged}, reads as {other}");
    }
}

//! Where lines come from: a reader, whose bytes are lines or one JSON array of entries.

use std::io::{self, BufRead, Read as _};

use serde_json::Value;

use super::line::{self, LONGEST, Line, Unreadable};

/// An array is read as a whole; one that is larger is refused. In bytes.
const LARGEST_ARRAY: u64 = 1 << 30;

/// Hands each line to `take`, with its number from 1; of an array, the number of the entry.
///
/// # Errors
/// Where the reader fails, and where an array is larger than a GiB.
pub(super) fn each_line(
    mut reader: impl BufRead,
    mut take: impl FnMut(u64, Result<Line, Unreadable>),
) -> io::Result<()> {
    let beginning = beginning(&mut reader)?;
    let is_array = begins_as_array(&beginning);
    let mut reader = beginning.as_slice().chain(reader);
    if is_array {
        each_entry(&whole(reader, LARGEST_ARRAY)?, take);
        return Ok(());
    }
    for number in 1.. {
        let Some(bytes) = next_line(&mut reader)? else { break };
        match bytes.and_then(|bytes| line::read(&bytes)) {
            Ok(None) => {}
            Ok(Some(line)) => take(number, Ok(line)),
            Err(why) => take(number, Err(why)),
        }
    }
    Ok(())
}

/// As much of a log as tells an array from lines, taken from the reader: a pipe may give it byte by byte.
fn beginning(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    let mut in_bracket = false;
    while beginning.len() < LONGEST {
        let Some(byte) = reader.fill_buf()?.first().copied() else { break };
        reader.consume(1);
        beginning.push(byte);
        match byte {
            b'[' if !in_bracket => in_bracket = true,
            blank if blank.is_ascii_whitespace() => {}
            _ => break,
        }
    }
    Ok(beginning)
}

/// A bracket alone is none: many write their lines as `[time] message`.
fn begins_as_array(bytes: &[u8]) -> bool {
    let inside = bytes.trim_ascii_start().strip_prefix(b"[").map(|rest| rest.trim_ascii_start().first());
    matches!(inside, Some(None | Some(b'{' | b']')))
}

/// A line without its end; `None` at the end of all.
fn next_line(reader: &mut impl BufRead) -> io::Result<Option<Result<Vec<u8>, Unreadable>>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    if reader.by_ref().take(most).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let whole = bytes.ends_with(b"\n") || bytes.len() < LONGEST;
    if whole {
        return Ok(Some(Ok(bytes)));
    }
    reader.skip_until(b'\n')?;
    Ok(Some(Err(Unreadable::TooLong)))
}

/// All bytes; an error where there are more than `most`.
fn whole(reader: impl BufRead, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if reader.take(most + 1).read_to_end(&mut bytes)? as u64 > most {
        return Err(io::Error::other("this array of entries is larger than a GiB; ask for less of the log at once"));
    }
    Ok(bytes)
}

fn each_entry(bytes: &[u8], mut take: impl FnMut(u64, Result<Line, Unreadable>)) {
    let mut rest = bytes.trim_ascii_start();
    let mut opening = &b"["[..];
    let mut number = 0;
    loop {
        rest = rest.strip_prefix(opening).unwrap_or(rest).trim_ascii_start();
        opening = b",";
        if let Some(after) = rest.strip_prefix(b"]") {
            // Two answers of gcloud in one file, say: what comes behind an array is log as well.
            rest = after.trim_ascii_start();
            if rest.is_empty() {
                return;
            }
            if !begins_as_array(rest) {
                take(number + 1, Err(Unreadable::Damaged("something else comes behind the array".to_owned())));
                return;
            }
            opening = b"[";
            continue;
        }
        number += 1;
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => take(number, line::entry(&value)),
            Some(Err(error)) if !error.is_eof() => {
                take(number, Err(Unreadable::Damaged(error.to_string())));
                return;
            }
            // Nothing left is the middle of an array as well.
            Some(Err(_)) | None => {
                take(number, Err(Unreadable::CutOff));
                return;
            }
        }
        rest = rest[values.byte_offset()..].trim_ascii_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8]) -> Vec<(u64, Result<String, Unreadable>)> {
        let mut lines = Vec::new();
        each_line(bytes, |number, line| lines.push((number, line.map(|line| line.message)))).unwrap();
        lines
    }

    #[test]
    fn lines_keep_their_numbers_over_blank_ones() {
        assert_eq!(numbers(b"one\n\n\r\ntwo"), [(1, Ok("one".to_owned())), (4, Ok("two".to_owned()))]);
    }

    #[test]
    fn an_array_is_read_entry_by_entry_up_to_where_it_was_cut() {
        let whole = br#" [ {"message":"one"},
            {"textPayload":"two"} ] "#;
        assert_eq!(numbers(whole), [(1, Ok("one".to_owned())), (2, Ok("two".to_owned()))]);
        assert_eq!(numbers(b"[]"), []);
        assert_eq!(numbers(&whole[..40]), [(1, Ok("one".to_owned())), (2, Err(Unreadable::CutOff))]);
        assert_eq!(numbers(br#"[{"message":"one"},"#), [(1, Ok("one".to_owned())), (2, Err(Unreadable::CutOff))]);
        assert!(matches!(numbers(b"[{nonsense}]")[..], [(1, Err(Unreadable::Damaged(_)))]));
    }

    #[test]
    fn what_comes_behind_an_array_is_not_lost() {
        let two = br#"[{"message":"one"}] [] [{"message":"two"}] "#;
        assert_eq!(numbers(two), [(1, Ok("one".to_owned())), (2, Ok("two".to_owned()))]);
        let text = numbers(br#"[{"message":"one"}] INFO two"#);
        assert!(matches!(&text[..], [(1, Ok(_)), (2, Err(Unreadable::Damaged(_)))]), "{text:?}");
    }

    #[test]
    fn a_time_in_brackets_is_no_array() {
        assert_eq!(numbers(b"[10:00] one"), [(1, Ok("[10:00] one".to_owned()))]);
    }

    #[test]
    fn an_array_and_lines_are_told_apart_however_few_bytes_come_at_once() {
        for text in ["[10:00] one", "\n [10:00] one", " \n[ \n{\"message\":\"one\"}]", "[", "", " \n"] {
            let whole = numbers(text.as_bytes());
            for size in 1..4 {
                let mut lines = Vec::new();
                let reader = io::BufReader::with_capacity(size, text.as_bytes());
                each_line(reader, |number, line| lines.push((number, line.map(|line| line.message)))).unwrap();
                assert_eq!(lines, whole, "{text:?}, {size} at once");
            }
        }
    }

    #[test]
    fn no_more_is_taken_than_tells_an_array_from_lines() {
        let taken = |log: &[u8]| String::from_utf8(beginning(&mut &*log).unwrap()).unwrap();
        for (log, told) in [("one two", "o"), (" [ {\"message\"", " [ {"), ("[10:00]", "[1"), ("[[", "[["), (" ", " ")]
        {
            assert_eq!(taken(log.as_bytes()), told);
        }
        let behind = |blanks| [&vec![b' '; blanks][..], br#"[{"message":"one"}]"#].concat();
        assert_eq!(numbers(&behind(LONGEST - 1)), [(1, Ok("one".to_owned()))]);
        assert_eq!(numbers(&behind(LONGEST)), [(1, Err(Unreadable::TooLong))]);
    }

    #[test]
    fn an_array_is_taken_up_to_its_bound() {
        assert_eq!(whole(&b"[{}]"[..], 4).unwrap(), b"[{}]");
        assert!(whole(&b"[{}]"[..], 3).unwrap_err().to_string().contains("larger than a GiB"));
    }

    #[test]
    fn a_line_without_end_takes_no_memory_without_end() {
        let mut bytes = vec![b'x'; 3 * LONGEST];
        bytes.extend(b"\nnext\n");
        assert_eq!(numbers(&bytes), [(1, Err(Unreadable::TooLong)), (2, Ok("next".to_owned()))]);
    }
}

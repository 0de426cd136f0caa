//! Word statistics: how long a text is and how it is made.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Tool;

/// Counts characters, words, distinct words, lines and sentences, and finds the longest word.
#[derive(Debug, Clone, Copy)]
pub struct WordStatistics;

impl Tool for WordStatistics {
    fn name(&self) -> &'static str {
        "word_statistics"
    }

    fn run(&self, text: &str) -> Result<Value, String> {
        let words = words(text);
        let distinct: BTreeSet<&String> = words.iter().collect();
        // The first of several longest, so that the result is a function of the text alone.
        let longest = words.iter().rev().max_by_key(|word| word.chars().count());
        Ok(json!({
            "characters": text.chars().count(),
            "words": words.len(),
            "distinct_words": distinct.len(),
            "lines": text.lines().count(),
            "sentences": sentences(text),
            "longest_word": longest,
        }))
    }
}

/// The words of `text` in lower case: runs of letters, digits and apostrophes that hold at least one letter or digit.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\'').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Stretches with a word in them that end at `.`, `!`, `?` or the end of the text.
fn sentences(text: &str) -> usize {
    text.split(['.', '!', '?']).filter(|part| part.chars().any(char::is_alphanumeric)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_a_reader_counts() {
        let result = WordStatistics.run("Don't panic. Don't wait!\nGo").unwrap();
        let expected = json!({
            "characters": 27, "words": 5, "distinct_words": 4, "lines": 2, "sentences": 3, "longest_word": "don't",
        });
        assert_eq!(result, expected);
    }

    #[test]
    fn nothing_has_no_longest_word() {
        let result = WordStatistics.run(" ... '").unwrap();
        assert_eq!((&result["words"], &result["longest_word"]), (&json!(0), &Value::Null));
    }
}

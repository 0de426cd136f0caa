//! Keyword extraction: the words that a text returns to.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::{Value, json};

use super::{Tool, words::words};

/// At most this many keywords are told.
const MOST: usize = 5;

/// Words of fewer characters say little on their own.
const SHORTEST: usize = 3;

/// Words that every English text returns to.
const COMMON: &[&str] = &[
    "about", "and", "are", "but", "can", "does", "for", "from", "has", "have", "how", "into", "its", "not", "our",
    "that", "the", "their", "them", "then", "there", "this", "was", "were", "what", "when", "where", "which", "who",
    "why", "will", "with", "would", "you", "your",
];

/// The most frequent words that are neither short nor common, with their counts; of equals the earlier one first.
#[derive(Debug, Clone, Copy)]
pub struct KeywordExtraction;

impl Tool for KeywordExtraction {
    fn name(&self) -> &'static str {
        "keyword_extraction"
    }

    fn run(&self, text: &str) -> Result<Value, String> {
        let words = words(text);
        // Count, then the place of the first occurrence: a total order, whatever the map's own order.
        let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (place, word) in words.iter().enumerate().filter(|(_, word)| is_telling(word)) {
            seen.entry(word).or_insert((0, place)).0 += 1;
        }
        let mut ranked: Vec<_> = seen.into_iter().collect();
        ranked.sort_by_key(|(_, (count, place))| (Reverse(*count), *place));
        let keywords = ranked.iter().take(MOST);
        let keywords: Vec<Value> = keywords.map(|(word, (count, _))| json!({"word": word, "count": count})).collect();
        Ok(json!({ "keywords": keywords }))
    }
}

fn is_telling(word: &str) -> bool {
    word.chars().count() >= SHORTEST && COMMON.binary_search(&word).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(text: &str) -> Vec<(String, u64)> {
        let result = KeywordExtraction.run(text).unwrap();
        let list = result["keywords"].as_array().unwrap().iter();
        list.map(|k| (k["word"].as_str().unwrap().to_owned(), k["count"].as_u64().unwrap())).collect()
    }

    #[test]
    fn frequent_words_first_then_earlier_ones() {
        let found = keywords("The invoice for the zebra: which invoice has the apple?");
        assert_eq!(found, [("invoice".into(), 2), ("zebra".into(), 1), ("apple".into(), 1)]);
    }

    #[test]
    fn no_more_than_five() {
        let found = keywords("alpha bravo charlie delta echo foxtrot golf");
        assert_eq!(found.len(), MOST);
        assert_eq!(found[4].0, "echo");
    }

    #[test]
    fn common_words_are_sorted_for_the_binary_search() {
        assert!(COMMON.is_sorted());
    }
}

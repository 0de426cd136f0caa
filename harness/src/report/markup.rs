//! XML and HTML as text. What is given as text or as an attribute's value is escaped; there is no other way in for it.
//!
//! Own code, because it is small: crates for `junit.xml` bring clocks, UUIDs and a parser into every adopter's build.

use std::fmt::{self, Write as _};

/// A document that is being written. It is well-formed XML, which HTML may be as well.
#[derive(Debug)]
pub(super) struct Markup {
    text: String,
}

/// Names and values, in their order.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Markup {
    /// Begins with a line that is taken as it is.
    pub(super) fn new(prologue: &'static str) -> Self {
        Markup { text: format!("{prologue}\n") }
    }

    /// An element with what is in it.
    pub(super) fn element(&mut self, name: &'static str, attributes: Attributes<'_>, content: impl FnOnce(&mut Self)) {
        self.tag(name, attributes, ">");
        content(self);
        let _ = write!(self.text, "</{name}>");
    }

    /// An element with nothing but text in it.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: impl fmt::Display) {
        self.element(name, attributes, |element| element.text(text));
    }

    /// An element that has no content.
    pub(super) fn void(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.tag(name, attributes, "/>");
    }

    /// Text, escaped.
    pub(super) fn text(&mut self, text: impl fmt::Display) {
        let _ = write!(Escaped { text: &mut self.text, attribute: false }, "{text}");
    }

    /// A style sheet or a script of ours, as it is.
    #[cfg(feature = "html")]
    pub(super) fn source(&mut self, source: &'static str) {
        self.text.push_str(source);
    }

    /// A line break between elements, for people who read the source.
    pub(super) fn line(&mut self) {
        self.text.push('\n');
    }

    /// The document, ended by a line break.
    pub(super) fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }

    fn tag(&mut self, name: &str, attributes: Attributes<'_>, end: &str) {
        let _ = write!(self.text, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"");
            let _ = Escaped { text: &mut self.text, attribute: true }.write_str(value);
            self.text.push('"');
        }
        self.text.push_str(end);
    }
}

/// Takes text and leaves it such that it means itself.
struct Escaped<'a> {
    text: &'a mut String,
    attribute: bool,
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' if self.attribute => self.text.push_str("&quot;"),
                // Parsers make blanks of these in a value.
                '\n' | '\t' if self.attribute => write!(self.text, "&#{};", u32::from(character))?,
                '\n' | '\t' => self.text.push(character),
                other => self.text.push(allowed(other)),
            }
        }
        Ok(())
    }
}

/// The character, or one that stands for it where XML or HTML forbids it.
fn allowed(character: char) -> char {
    match u32::from(character) {
        // Unicode has pictures of control characters: `␛` for an escape.
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '␡',
        0x80..=0x9f | 0xfdd0..=0xfdef => char::REPLACEMENT_CHARACTER,
        code if code & 0xfffe == 0xfffe => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn text_and_values_cannot_end_what_they_stand_in() {
        let mut markup = Markup::new("<?xml version=\"1.0\"?>");
        markup.element("a", &[("b", "\"<&>'\n\t")], |a| a.text("</a>\n\"&amp;"));
        let expected = "<a b=\"&quot;&lt;&amp;&gt;'&#10;&#9;\">&lt;/a&gt;\n\"&amp;amp;</a>\n";
        assert_eq!(markup.finish(), format!("<?xml version=\"1.0\"?>\n{expected}"));
    }

    #[test]
    fn every_character_is_one_that_xml_allows_and_reads_back() {
        let all: String = (0..=0x0010_ffff).filter_map(char::from_u32).collect();
        let mut markup = Markup::new("");
        markup.element("a", &[("b", &all)], |a| a.text(&all));
        let text = markup.finish();
        let read = roxmltree::Document::parse(text.trim()).expect("well-formed");
        let root = read.root_element();
        assert_eq!(root.text(), root.attribute("b"));
        let told: Vec<char> = root.text().unwrap().chars().collect();
        assert_eq!(told.len(), all.chars().count());
        let changed = all.chars().zip(told).filter(|(one, other)| one != other).count();
        // C0 without tab and line feed, delete and C1, and the noncharacters.
        assert_eq!(changed, 30 + 33 + 32 + 2 * 17);
    }
}

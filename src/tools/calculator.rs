//! A calculator: finds the arithmetic in a text and evaluates it.

use serde_json::{Value, json};

use super::Tool;

/// Deeper nesting is refused, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 64;

/// Evaluates the longest arithmetic expression in a text: `+ - * / ^`, parentheses, decimals, the usual precedence.
#[derive(Debug, Clone, Copy)]
pub struct Calculator;

impl Tool for Calculator {
    fn name(&self) -> &'static str {
        "calculator"
    }

    fn run(&self, text: &str) -> Result<Value, String> {
        let expression =
            longest_expression(text).ok_or("there is no arithmetic in the text; write something like 2 * (3 + 4)")?;
        let value = Parser::new(expression).whole()?;
        if !value.is_finite() {
            return Err(format!("{expression} has no finite value"));
        }
        Ok(json!({ "expression": expression, "value": value }))
    }
}

/// The longest stretch (the first of equals) that consists of arithmetic characters and holds a digit.
fn longest_expression(text: &str) -> Option<&str> {
    let stretches = text.split(|c: char| !(c.is_ascii_digit() || "+-*/^(). ".contains(c)));
    // A sentence's own full stop and the blanks around belong to no expression.
    let trimmed = stretches.map(|stretch| stretch.trim().trim_end_matches(['.', ' ']));
    let candidates = trimmed.filter(|stretch| stretch.contains(|c: char| c.is_ascii_digit()));
    candidates.rev().max_by_key(|stretch| stretch.len())
}

/// Recursive descent over ASCII bytes; each method parses one level of precedence and leaves `at` behind it.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn whole(mut self) -> Result<f64, String> {
        let value = self.sum()?;
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.unexpected()),
        }
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value += self.product()?;
            } else if self.take('-') {
                value -= self.product()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.signed()?;
        loop {
            if self.take('*') {
                value *= self.signed()?;
            } else if self.take('/') {
                let divisor = self.signed()?;
                if divisor == 0.0 {
                    return Err(format!("{} divides by zero", self.text));
                }
                value /= divisor;
            } else {
                return Ok(value);
            }
        }
    }

    /// A sign binds less tightly than a power: `-2 ^ 2` is −4.
    fn signed(&mut self) -> Result<f64, String> {
        self.nested(|parser| {
            if parser.take('-') {
                Ok(-parser.signed()?)
            } else if parser.take('+') {
                parser.signed()
            } else {
                parser.power()
            }
        })
    }

    /// Powers bind to the right: `2 ^ 3 ^ 2` is 512.
    fn power(&mut self) -> Result<f64, String> {
        let base = self.atom()?;
        if self.take('^') { Ok(base.powf(self.signed()?)) } else { Ok(base) }
    }

    fn atom(&mut self) -> Result<f64, String> {
        if self.take('(') {
            let value = self.sum()?;
            return if self.take(')') { Ok(value) } else { Err(self.unexpected()) };
        }
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value = rest[..length].parse().map_err(|_| self.unexpected())?;
        self.at += length;
        Ok(value)
    }

    /// Every recursion passes here, so the depth bounds the stack.
    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Result<f64, String>) -> Result<f64, String> {
        if self.depth == MAX_DEPTH {
            return Err(format!("the expression nests more than {MAX_DEPTH} levels deep"));
        }
        self.depth += 1;
        let value = parse(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_blanks();
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        // Every operator is one byte of ASCII.
        self.at += usize::from(found);
        found
    }

    fn unexpected(&mut self) -> String {
        match self.peek() {
            Some(found) => format!("{} has an unexpected {found:?} at place {}", self.text, self.at + 1),
            None => format!("{} ends too early", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<f64, String> {
        Calculator.run(text).map(|result| result["value"].as_f64().unwrap())
    }

    #[test]
    fn precedence_and_associativity_are_the_usual_ones() {
        let cases = [
            ("2 + 3 * 4", 14.0),
            ("(2 + 3) * 4", 20.0),
            ("10 - 4 - 3", 3.0),
            ("64 / 4 / 2", 8.0),
            ("2 ^ 3 ^ 2", 512.0),
            ("-2 ^ 2", -4.0),
            ("2 ^ -1", 0.5),
            ("1.5 * 4", 6.0),
            ("--3", 3.0),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_expression_is_found_inside_a_sentence() {
        assert_eq!(value("Of my 3 invoices, what is 12.5 * (4 + 4)?"), Ok(100.0));
        assert_eq!(value("It costs 5 + 5."), Ok(10.0));
    }

    #[test]
    fn what_cannot_be_computed_is_said_in_words() {
        let cases = [
            ("hello", "no arithmetic"),
            ("1 / 0", "divides by zero"),
            ("2 +", "ends too early"),
            ("(1", "ends too early"),
            ("1 2", "unexpected '2' at place 3"),
            ("1.2.3", "unexpected"),
            ("9 ^ 9 ^ 9", "no finite value"),
        ];
        for (text, expected) in cases {
            let error = value(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn no_nesting_exhausts_the_stack() {
        let depth = |n: usize| value(&format!("{}1{}", "(".repeat(n), ")".repeat(n)));
        assert_eq!(depth(MAX_DEPTH - 1), Ok(1.0));
        assert!(depth(MAX_DEPTH).unwrap_err().contains("levels deep"));
        assert!(value(&format!("{}1", "-".repeat(60_000))).is_err());
        assert!(value(&"2^".repeat(30_000)).is_err());
    }
}

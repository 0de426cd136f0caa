//! The tools that agents use, and the dispatcher that runs them: whatever a tool does, the dispatcher returns.

mod calculator;
mod keywords;
mod prepared;
mod words;

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::Value;
use thiserror::Error;

pub use self::{calculator::Calculator, keywords::KeywordExtraction, prepared::Prepared, words::WordStatistics};
use crate::{agents::AgentName, contain::contain, manager::ManagerHandle};

/// The longest request text that a tool is given, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;

/// A computation on a request's text.
pub trait Tool: Send + Sync {
    /// The name under which agents ask for it.
    fn name(&self) -> &'static str;

    /// Prepares for an agent that is about to be handed this manager; what it takes for that agent it keeps in the answer.
    /// Called while the agents are wired, before anybody can see any of them wired, so it must not block; most tools need
    /// nothing. Where agents are wired anew, this comes before the former answer is dropped.
    ///
    /// # Errors
    /// A sentence for operators: why this agent cannot be served. Then no agent is wired.
    fn prepare(&self, agent: AgentName, manager: &ManagerHandle) -> Result<Prepared, String> {
        let _ = (agent, manager);
        Ok(Prepared::nothing())
    }

    /// Computes the result from `text`, which is at most [`MAX_TEXT`] bytes long.
    ///
    /// # Errors
    /// A sentence for the user: what this tool could not make sense of.
    fn run(&self, text: &str) -> Result<Value, String>;
}

/// Why a tool gave no result.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ToolError {
    /// No such tool is registered.
    #[error("no tool named {name} is registered: check the dispatcher's list of tools at startup")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The text exceeds [`MAX_TEXT`].
    #[error("{name} was given {bytes} bytes and takes at most {MAX_TEXT}: send a shorter text")]
    TooLong {
        /// The tool.
        name: String,
        /// The length of the text.
        bytes: usize,
    },
    /// The tool said no.
    #[error("{name} failed: {reason}; change the text and ask again")]
    Failed {
        /// The tool.
        name: String,
        /// In the tool's own words.
        reason: String,
    },
    /// The tool panicked; the panic ended with the tool.
    #[error("{name} panicked: {message}; this is a defect of the tool, other tools are not affected")]
    Panicked {
        /// The tool.
        name: String,
        /// The panic's message.
        message: String,
    },
}

/// The registered tools, by name.
#[derive(Clone, Default)]
pub struct ToolDispatcher {
    tools: BTreeMap<&'static str, Arc<dyn Tool>>,
}

impl ToolDispatcher {
    /// A dispatcher of `tools`; of two with one name the later stays.
    pub fn new(tools: impl IntoIterator<Item = Arc<dyn Tool>>) -> Self {
        let tools = tools.into_iter().map(|tool| (tool.name(), tool)).collect();
        Self { tools }
    }

    /// Every tool of this crate.
    ///
    /// ```
    /// use nevernone_reference::tools::ToolDispatcher;
    ///
    /// let result = ToolDispatcher::standard().run("calculator", "what is 2 + 3 * 4?").unwrap();
    /// assert_eq!(result["value"], 14.0);
    /// ```
    pub fn standard() -> Self {
        Self::new([Arc::new(Calculator) as Arc<dyn Tool>, Arc::new(KeywordExtraction), Arc::new(WordStatistics)])
    }

    /// Whether `name` is registered.
    pub fn has(&self, name: &str) -> bool {
        self.tools.contains_key(name)
    }

    /// The registered names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.tools.keys().copied()
    }

    /// Has the tool `name` prepare for an agent. Never panics: a tool's panic is caught and told as an error.
    pub(crate) fn prepare(&self, name: &str, agent: AgentName, manager: &ManagerHandle) -> Result<Prepared, String> {
        let tool = self.tools.get(name).ok_or_else(|| format!("no tool named {name} is registered"))?;
        let prepared = contain(|| tool.prepare(agent, manager));
        prepared.map_err(|message| format!("the tool {name} panicked: {message}"))?
    }

    /// Runs the tool `name` on `text`. Never panics: a tool's panic is caught and told as an error.
    pub fn run(&self, name: &str, text: &str) -> Result<Value, ToolError> {
        let Some(tool) = self.tools.get(name) else {
            return Err(ToolError::Unknown { name: name.to_owned() });
        };
        let name = name.to_owned();
        if text.len() > MAX_TEXT {
            return Err(ToolError::TooLong { name, bytes: text.len() });
        }
        // A tool is shared behind `&self`; one that leaves its own interior torn by a panic can harm only itself.
        match contain(|| tool.run(text)) {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(reason)) => Err(ToolError::Failed { name, reason }),
            Err(message) => Err(ToolError::Panicked { name, message }),
        }
    }
}

impl fmt::Debug for ToolDispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Tool for Bomb {
        fn name(&self) -> &'static str {
            "bomb"
        }

        fn run(&self, text: &str) -> Result<Value, String> {
            panic!("boom on {text}")
        }
    }

    #[test]
    fn a_panicking_tool_is_an_error_and_the_dispatcher_lives_on() {
        let dispatcher = ToolDispatcher::new([Arc::new(Bomb) as Arc<dyn Tool>, Arc::new(Calculator)]);
        let panicked = ToolError::Panicked { name: "bomb".into(), message: "boom on x".into() };
        assert_eq!(dispatcher.run("bomb", "x"), Err(panicked));
        assert_eq!(dispatcher.run("calculator", "1+1").unwrap()["value"], 2.0);
    }

    struct DoubleBomb;

    struct Payload;

    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("boom again");
        }
    }

    impl Tool for DoubleBomb {
        fn name(&self) -> &'static str {
            "double bomb"
        }

        fn run(&self, _text: &str) -> Result<Value, String> {
            std::panic::panic_any(Payload)
        }
    }

    #[test]
    fn a_panic_that_panics_when_it_is_thrown_away_is_an_error_too() {
        let dispatcher = ToolDispatcher::new([Arc::new(DoubleBomb) as Arc<dyn Tool>]);
        assert!(matches!(dispatcher.run("double bomb", "x"), Err(ToolError::Panicked { .. })));
    }

    #[test]
    fn an_unknown_tool_is_named() {
        let error = ToolDispatcher::standard().run("oracle", "x").unwrap_err();
        assert!(error.to_string().contains("oracle"), "{error}");
    }

    #[test]
    fn the_length_limit_is_exact() {
        let dispatcher = ToolDispatcher::standard();
        assert!(dispatcher.run("word_statistics", &"a".repeat(MAX_TEXT)).is_ok());
        let too_long = ToolError::TooLong { name: "word_statistics".into(), bytes: MAX_TEXT + 1 };
        assert_eq!(dispatcher.run("word_statistics", &"a".repeat(MAX_TEXT + 1)), Err(too_long));
    }
}

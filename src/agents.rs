//! The eight agents, each with the tool that it uses, if any.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// An agent's name; there is no ninth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentName {
    /// Sorts requests by their subject.
    Triage,
    /// Describes data.
    Data,
    /// Computes costs and savings.
    Optimization,
    /// Plans what to do; uses no tool.
    Actions,
    /// Summarises.
    Reporting,
    /// Finds out which data is wanted.
    DataHelper,
    /// Describes data to be made up; uses no tool.
    SyntheticData,
    /// Looks after the corpus.
    CorpusAdmin,
}

impl AgentName {
    /// All eight, in the order in which they are registered.
    pub const ALL: [Self; 8] = [
        Self::Triage,
        Self::Data,
        Self::Optimization,
        Self::Actions,
        Self::Reporting,
        Self::DataHelper,
        Self::SyntheticData,
        Self::CorpusAdmin,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Data => "data",
            Self::Optimization => "optimization",
            Self::Actions => "actions",
            Self::Reporting => "reporting",
            Self::DataHelper => "data_helper",
            Self::SyntheticData => "synthetic_data",
            Self::CorpusAdmin => "corpus_admin",
        }
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No agent has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "no agent is named {name:?}: the agents are triage, data, optimization, actions, reporting, data_helper, synthetic_data, corpus_admin"
)]
pub struct UnknownAgent {
    /// As it was asked for.
    pub name: String,
}

impl FromStr for AgentName {
    type Err = UnknownAgent;

    fn from_str(name: &str) -> Result<Self, UnknownAgent> {
        let known = Self::ALL.into_iter().find(|agent| agent.as_str() == name);
        known.ok_or_else(|| UnknownAgent { name: name.to_owned() })
    }
}

/// What an agent is made of before it is wired: it cannot run yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Which of the eight.
    pub name: AgentName,
    /// The tool it uses; one without a tool emits no tool events.
    pub tool: Option<&'static str>,
}

impl Agent {
    /// The eight agents with the tools of [`ToolDispatcher::standard`](crate::tools::ToolDispatcher::standard).
    pub fn standard() -> Vec<Self> {
        let with_tool = |name| Self { name, tool: standard_tool(name) };
        AgentName::ALL.map(with_tool).to_vec()
    }
}

const fn standard_tool(name: AgentName) -> Option<&'static str> {
    match name {
        AgentName::Triage | AgentName::DataHelper => Some("keyword_extraction"),
        AgentName::Data | AgentName::Reporting | AgentName::CorpusAdmin => Some("word_statistics"),
        AgentName::Optimization => Some("calculator"),
        AgentName::Actions | AgentName::SyntheticData => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_itself() {
        for name in AgentName::ALL {
            assert_eq!(name.as_str().parse(), Ok(name));
        }
        let error = "oracle".parse::<AgentName>().unwrap_err();
        assert!(AgentName::ALL.iter().all(|name| error.to_string().contains(name.as_str())), "{error}");
    }

    #[test]
    fn every_standard_agent_names_a_standard_tool_or_none() {
        let tools = crate::tools::ToolDispatcher::standard();
        assert!(Agent::standard().iter().all(|agent| agent.tool.is_none_or(|tool| tools.has(tool))));
    }
}

//! What the registry, the supervisor and the tools refuse.

use nevernone_reference::{
    agents::{AgentName, UnknownAgent},
    manager::Part,
    registry::{RegistryError, WiringError},
    supervisor::NotRegistered,
    tools::{ToolDispatcher, ToolError},
};

#[test]
fn of_a_registry() {
    insta::assert_snapshot!(texts_of!(RegistryError {
        RegistryError::NoAgents => RegistryError::NoAgents,
        RegistryError::Duplicate { .. } => RegistryError::Duplicate { agent: AgentName::Data },
        RegistryError::UnknownTool { .. } => RegistryError::UnknownTool { agent: AgentName::Data, tool: "hammer" },
    }), @r"
    ");
    insta::assert_snapshot!(texts_of!(WiringError {
        WiringError::NoManager { .. } => WiringError::NoManager { agents: 8 },
        WiringError::Incomplete { .. } => WiringError::Incomplete { missing: vec![Part::SendToThread] },
    }), @r"
    ");
}

#[test]
fn of_an_agent_that_does_not_exist() {
    insta::assert_snapshot!(texts_of!(UnknownAgent {
        UnknownAgent { .. } => "oracle".parse::<AgentName>().unwrap_err(),
    }), @r"
    ");
    insta::assert_snapshot!(texts_of!(NotRegistered {
        NotRegistered { .. } => NotRegistered { agent: AgentName::Data },
    }), @r"
    ");
}

#[test]
fn of_a_tool() {
    let tools = ToolDispatcher::standard();
    insta::assert_snapshot!(texts_of!(ToolError {
        ToolError::Unknown { .. } => tools.run("hammer", "").unwrap_err(),
        ToolError::TooLong { .. } => tools.run("calculator", &" ".repeat(65_537)).unwrap_err(),
        ToolError::Failed { .. } => tools.run("calculator", "1 / 0").unwrap_err(),
        ToolError::Panicked { .. } =>
            ToolError::Panicked { name: "calculator".to_owned(), message: "index out of bounds".to_owned() },
    }), @r"
    ");
}

/// In a tool's own words.
#[test]
fn of_a_text_that_a_tool_cannot_use() {
    let tools = ToolDispatcher::standard();
    let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
    let texts = ["2 / (1 - 1)", "2 + * 3", "2 +", "9e999", "1e308 * 10", &deep];
    let told =
        texts.map(|text| tools.run("calculator", text).map_or_else(|error| error.to_string(), |it| it.to_string()));
    insta::assert_snapshot!(told.join("\n"), @r"
    ");
}

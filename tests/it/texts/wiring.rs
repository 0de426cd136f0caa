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
    RegistryError::NoAgents: the registry was given no agents: list at least one in the platform's parts
    RegistryError::Duplicate { .. }: agent data is registered twice: remove one of the two from the platform's parts
    RegistryError::UnknownTool { .. }: agent data uses the tool hammer, which the dispatcher does not have: register the tool or change the agent
    ");
    insta::assert_snapshot!(texts_of!(WiringError {
        WiringError::NoManager { .. } => WiringError::NoManager { agents: 8 },
        WiringError::Incomplete { .. } => WiringError::Incomplete { missing: vec![Part::SendToThread] },
        WiringError::SetUp { .. } =>
            WiringError::SetUp { agent: AgentName::Data, number: 2, total: 8, cause: "no lock is free".to_owned() },
    }), @r"
    WiringError::NoManager { .. }: the WebSocketManager is None: without it agent events and real-time chat are lost for 8/8 agents; see the startup order, the manager must be created and validated before agents are wired
    WiringError::Incomplete { .. }: the WebSocketManager is incomplete, it lacks a working send_to_thread: without it agent events and real-time chat are lost; see the startup order, the manager must be validated before agents are wired and closed after them
    WiringError::SetUp { .. }: agent data (2/8) could not be set up: no lock is free; agents are wired all or none, so no agent got this manager, and what the agents before it had taken was given back: fix the cause, then wire again
    ");
}

#[test]
fn of_an_agent_that_does_not_exist() {
    insta::assert_snapshot!(texts_of!(UnknownAgent {
        UnknownAgent { .. } => "oracle".parse::<AgentName>().unwrap_err(),
    }), @r#"UnknownAgent { .. }: no agent is named "oracle": the agents are triage, data, optimization, actions, reporting, data_helper, synthetic_data, corpus_admin"#);
    insta::assert_snapshot!(texts_of!(NotRegistered {
        NotRegistered { .. } => NotRegistered { agent: AgentName::Data },
    }), @"NotRegistered { .. }: agent data is not registered on this platform: list it in the platform's parts or ask another agent");
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
    ToolError::Unknown { .. }: no tool named hammer is registered: check the dispatcher's list of tools at startup
    ToolError::TooLong { .. }: calculator was given 65537 bytes and takes at most 65536: send a shorter text
    ToolError::Failed { .. }: calculator failed: 1 / 0 divides by zero; change the text and ask again
    ToolError::Panicked { .. }: calculator panicked: index out of bounds; this is a defect of the tool, other tools are not affected
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
    insta::assert_snapshot!(told.join("\n"), @r#"
    calculator failed: 2 / (1 - 1) divides by zero; change the text and ask again
    calculator failed: 2 + * 3 has an unexpected '*' at place 5; change the text and ask again
    calculator failed: 2 + ends too early; change the text and ask again
    {"expression":"999","value":999.0}
    {"expression":"308 * 10","value":3080.0}
    calculator failed: the expression nests more than 64 levels deep; change the text and ask again
    "#);
}

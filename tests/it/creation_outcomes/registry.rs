//! The registry behind the incident's caller, who wires whatever comes: wired n/n, or refused and wired to nothing.

use std::time::Duration;

use nevernone_reference::{
    agents::Agent,
    manager::obtain,
    registry::{Registry, WiringError},
    retry::Attempt,
    tools::ToolDispatcher,
};

use super::{
    ATTEMPTS, Layer, Refusal, Told, Words, World, retrying::SINGLETON, seen::assert_same, sequences::check_all,
};

/// He tries three times, each a while after the other.
pub(super) const REGISTRY: Layer = Layer {
    words: Words::Registry,
    step: Duration::from_millis(10),
    drive: |world| Box::pin(wire_whatever_comes(world)),
    ..SINGLETON
};

async fn wire_whatever_comes(World { cell, factory, .. }: World) -> Vec<Told> {
    let registry = Registry::new(Agent::standard(), ToolDispatcher::standard()).unwrap();
    let (mut attempts, mut text) = (Vec::new(), String::new());
    for number in (1..).take(ATTEMPTS) {
        let (offered, cause) = match obtain(&cell, &*factory).await {
            Ok(manager) => (Some(manager), None),
            Err(cause) => (None, Some(cause)),
        };
        match registry.wire(offered) {
            Ok(wired) => {
                assert_eq!((cause.is_none(), registry.wired(), registry.total()), (true, 8, 8));
                let given = wired.dispatcher().manager.clone();
                for agent in wired.agents() {
                    assert_same(&agent.manager, &given);
                }
                registry.wire(Some(obtain(&cell, &*factory).await.unwrap())).unwrap();
                return vec![Ok(given)];
            }
            Err(refused) => {
                assert_eq!((&refused, registry.wired()), (&WiringError::NoManager { agents: 8 }, 0));
                text = refused.to_string();
                attempts.push(Attempt { number, cause: cause.expect("a manager was refused") });
            }
        }
        if usize::try_from(number) != Ok(ATTEMPTS) {
            tokio::time::sleep(REGISTRY.step * number).await;
        }
    }
    vec![Err(Refusal { text, source: None, attempts })]
}

#[test]
fn the_registry_wires_all_agents_to_what_was_made_and_none_to_none() {
    check_all("registry", REGISTRY, 804);
}

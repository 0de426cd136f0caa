//! The cell alone, and the two layers that retry over it, with a deadline of an attempt and without one.

use std::{sync::Arc, time::Duration};

use nevernone_reference::{
    bridge::{Bridge, BridgeError, BridgeState},
    env::TokioEnv,
    manager::obtain,
    retry::Attempt,
    startup::{Source, StartupError, Supervised, obtain_manager},
    supervisor::Supervisor,
};

use super::{
    ATTEMPTS, Layer, Refusal, Told, Words, World, outcomes::DEADLINE, seen::assert_same, sequences::check_all,
};

/// Somebody who asks three times at most, and tries nothing else.
pub(super) const SINGLETON: Layer = Layer {
    words: Words::Singleton,
    step: Duration::ZERO,
    deadline: None,
    pause: Duration::ZERO,
    consumers: 1,
    drive: |world| Box::pin(ask_the_cell(world)),
};

pub(super) const BRIDGE: Layer = Layer {
    words: Words::Bridge,
    step: Duration::from_millis(50),
    drive: |world| Box::pin(async move { vec![through(&bridge(&world)).await] }),
    ..SINGLETON
};

pub(super) const HURRIED_BRIDGE: Layer = Layer {
    deadline: Some(DEADLINE),
    drive: |world| Box::pin(async move { vec![through(&bridge(&world).with_attempt_deadline(DEADLINE)).await] }),
    ..BRIDGE
};

pub(super) const STARTUP: Layer = Layer {
    words: Words::Startup,
    step: Duration::from_millis(100),
    drive: |world| Box::pin(validate_for_the_startup(world)),
    ..SINGLETON
};

pub(super) const HURRIED_PHASE: Layer = Layer {
    words: Words::Phase,
    deadline: Some(DEADLINE),
    drive: |world| Box::pin(pass_the_second_phase(world)),
    ..STARTUP
};

async fn ask_the_cell(World { cell, factory, .. }: World) -> Vec<Told> {
    let mut attempts = Vec::new();
    for number in (1..).take(ATTEMPTS) {
        match obtain(&cell, &*factory).await {
            Ok(manager) => {
                assert_same(&manager, &obtain(&cell, &*factory).await.unwrap());
                return vec![Ok(manager)];
            }
            Err(cause) => attempts.push(Attempt { number, cause }),
        }
        assert!(cell.get().is_none(), "nothing half-made is left");
    }
    let text = attempts.last().map(|attempt| attempt.cause.to_string()).expect("there were three");
    vec![Err(Refusal { text, source: None, attempts })]
}

pub(super) fn bridge(world: &World) -> Bridge<TokioEnv> {
    Bridge::new(world.env.clone(), Arc::clone(&world.cell), Arc::clone(&world.factory))
}

pub(super) async fn through(bridge: &Bridge<TokioEnv>) -> Told {
    match bridge.initialize().await {
        Ok(manager) => {
            assert_eq!(bridge.state(), BridgeState::Active);
            assert_same(&manager, &bridge.initialize().await.unwrap());
            Ok(manager)
        }
        Err(error) => {
            assert_eq!((bridge.state(), bridge.health_check()), (BridgeState::Failed, BridgeState::Failed));
            let BridgeError::Exhausted { attempts, .. } = &error else { panic!("not an error of creation: {error}") };
            Err(Refusal::of(&error, attempts))
        }
    }
}

async fn validate_for_the_startup(World { env, cell, factory }: World) -> Vec<Told> {
    let once = || async {
        let validated = obtain_manager(&env, &cell, &*factory).await;
        validated.map(|validated| validated.handle().clone()).map_err(|error| refusal(&error))
    };
    let told = once().await;
    if let Ok(manager) = &told {
        assert_same(manager, &once().await.unwrap());
    }
    vec![told]
}

async fn pass_the_second_phase(World { env, cell, factory }: World) -> Vec<Told> {
    let once = || async {
        let supervised = Supervised::check(Some(Supervisor::default())).unwrap();
        let source = Source { cell: &cell, factory: &*factory, attempt_deadline: Some(DEADLINE) };
        // The phase's token keeps its manager to itself; the cell has it too.
        let _token = supervised.obtain_manager(&env, source).await.map_err(|error| refusal(&error))?;
        Ok(cell.get().cloned().expect("the phase has passed"))
    };
    let told: Told = once().await;
    if let Ok(manager) = &told {
        assert_same(manager, &once().await.unwrap());
    }
    vec![told]
}

pub(super) fn refusal(error: &StartupError) -> Refusal {
    let StartupError::ManagerUnavailable { attempts, .. } = error else { panic!("not an error of creation: {error}") };
    Refusal::of(error, attempts)
}

#[test]
fn the_cell_gives_a_complete_manager_or_the_right_cause_to_everybody_who_asks() {
    check_all("singleton", SINGLETON, 804);
}

#[test]
fn the_bridge_gives_a_complete_manager_or_every_cause() {
    check_all("bridge", BRIDGE, 804);
    check_all("bridge with a deadline of an attempt", HURRIED_BRIDGE, 1_002);
}

#[test]
fn the_startup_gives_a_complete_manager_or_every_cause() {
    check_all("startup", STARTUP, 804);
    check_all("startup with a deadline of an attempt", HURRIED_PHASE, 1_002);
}

//! Places that managers share.

use crate::manager::*;

fn limits() -> Limits {
    Limits { connections: 2, threads: 3, ..Limits::default() }
}

#[test]
fn a_second_manager_beside_the_first_is_refused_by_number_and_takes_nothing() {
    let budget = Budget::new(6);
    let manager = Candidate::within(limits(), &budget).unwrap().validate().unwrap();
    let refused = Candidate::within(limits(), &budget).map(drop).unwrap_err();
    assert_eq!((refused, budget.taken()), (Exhausted { wanted: 2, free: 1, total: 6 }, 5));
    let error = ManagerError::from(CreateError::from(refused));
    let told = format!("{error}: {}", std::error::Error::source(&CreateError::from(refused)).unwrap());
    insta::assert_snapshot!(told, @"the WebSocket manager could not be created: the manager's parts could not be reserved: 2 places are needed and 1 of 6 are free: wait until a manager is gone, or raise the budget");
    drop(manager);
    assert!(Candidate::within(limits(), &budget).is_ok());
}

#[test]
fn the_first_part_is_given_back_where_the_second_does_not_fit() {
    let budget = Budget::new(4);
    assert_eq!(Candidate::within(limits(), &budget).map(drop).unwrap_err().wanted, 3);
    assert_eq!(budget.taken(), 0);
}

#[test]
fn a_manager_holds_its_places_for_as_long_as_a_client_is_connected() {
    let budget = Budget::new(5);
    let manager = Candidate::within(limits(), &budget).unwrap().validate().unwrap();
    let (user, thread) = (crate::event::UserId::new("u").unwrap(), ThreadId::new("t").unwrap());
    let client = manager.attach(Attach { user, thread }).unwrap();
    drop(manager);
    assert_eq!(budget.taken(), 5);
    drop(client);
    assert_eq!(budget.taken(), 0);
}

#[test]
fn a_candidate_that_cannot_be_a_manager_gives_its_places_back() {
    let budget = Budget::new(5);
    let incomplete = Candidate::within(limits(), &budget).unwrap().without(Part::SendToThread);
    assert_eq!(budget.taken(), 5);
    incomplete.validate().unwrap_err();
    assert_eq!(budget.taken(), 0);
}

#[test]
fn threads_that_reserve_at_once_never_take_more_than_there_is() {
    let budget = Budget::new(10);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    let reserved = budget.reserve(3);
                    assert!(budget.taken() <= 10);
                    drop(reserved);
                }
            });
        }
    });
    assert_eq!(budget.taken(), 0);
}

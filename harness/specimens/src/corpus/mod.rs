//! The bugs, a file each.

pub mod b04;
pub mod b09;
pub mod b10;
pub mod b16;
pub mod b20;
pub mod b23;
pub mod b24;
pub mod b30;
pub mod b39;
pub mod b43;
pub mod n02;
pub mod n04;
pub mod n05;
pub mod n07;
pub mod n12;
pub mod n13;
pub mod n14;

/// What a broken and a fixed function have in common: a future that stays on the run's thread.
type Local<T> = std::pin::Pin<Box<dyn Future<Output = T>>>;

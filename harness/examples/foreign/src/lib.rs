//! Startup code of crates that we did not write, taken from the registry and not changed. The tests are the example:
//!
//! | crate | lines changed in it | minutes to the first verdict | first verdict | after that |
//! |---|---|---|---|---|
//! | bb8 0.9, a pool of connections | none | 5, a build of 40 s included | `incomplete`: its reaper reads the operating system's clock | without the reaper: `build` has no deadline (cost 1); without retries a caller waits 5 s for nobody (cost 1); whoever comes early is served or refused, verified |
//! | tokio-graceful-shutdown 0.20, subsystems | none | 7 | `failed` at cost 1: who does not stop in time was still at work when the service had ended | aborting takes the runtime another poll, so a poll later nobody is: verified |

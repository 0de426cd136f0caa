//! The guide: nine short chapters, each of which answers one question. Every example in them is compiled and run with the
//! tests.
//!
//! 1. [`start`]: how do I get a first verdict, in ten minutes?
//! 2. [`seam`]: how does the explorer get in where my service meets a dependency?
//! 3. [`statics`]: my service keeps its state in statics. What now?
//! 4. [`tasks`]: my service spawns tasks, and so does its pool. What becomes of them?
//! 5. [`clocks`]: my retries have jitter, and my code looks at the clock. What now?
//! 6. [`bounds`]: what do the numbers beside "verified" mean, and what do I do about "incomplete"?
//! 7. [`reading`]: a test is red. How do I read that?
//! 8. [`tokens`]: CI printed a token. What do I do with it?
//! 9. `net`, with the feature of that name: my service talks over sockets. What now?

#[doc = include_str!("start.md")]
pub mod start {}

#[doc = include_str!("seam.md")]
pub mod seam {}

#[doc = include_str!("statics.md")]
pub mod statics {}

#[doc = include_str!("tasks.md")]
pub mod tasks {}

#[doc = include_str!("clocks.md")]
pub mod clocks {}

#[doc = include_str!("bounds.md")]
pub mod bounds {}

#[doc = include_str!("reading.md")]
#[doc = "```text"]
#[doc = include_str!("story.txt")]
#[doc = "```"]
#[doc = include_str!("reading_on.md")]
pub mod reading {}

#[doc = include_str!("tokens.md")]
pub mod tokens {}

#[cfg(feature = "net")]
#[doc = include_str!("net.md")]
pub mod net {}

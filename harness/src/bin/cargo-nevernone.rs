//! `cargo nevernone`: checks the scenarios among the tests of the project that it is called in.

use std::process::ExitCode;

fn main() -> ExitCode {
    nevernone::cargo::main(std::env::args_os())
}

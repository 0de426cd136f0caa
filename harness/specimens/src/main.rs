//! Searches the corpus, prints its table and writes `specimens.json` into the folder given as first argument
//! (`target/nevernone` where none is). Exit code 1 if a broken specimen was missed or a fixed one not verified, 2 if
//! the file could not be written.

use std::path::PathBuf;
use std::process::ExitCode;

use nevernone_specimens::outcome::{self, Outcome};
use nevernone_specimens::specimens;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/nevernone"), PathBuf::from);
    let outcomes: Vec<Outcome> = specimens().iter().map(Outcome::of).collect();
    print!("{}", outcome::table(&outcomes));
    match outcome::write(&outcomes, &folder) {
        Ok(path) => println!("written: {}", path.display()),
        Err(error) => {
            eprintln!(
                "specimens.json could not be written into {}: {error}; name a folder that can be written as the first \
                 argument",
                folder.display()
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::from(u8::from(!outcomes.iter().all(Outcome::is_well)))
}

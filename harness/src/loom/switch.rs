//! A build without the private cfg: says how to get the other one, and fails where the models were asked for.

use std::process::ExitCode;

/// The `main` of the test target where the private cfg is off. There is nothing to run: production code is built on the
/// standard primitives.
///
/// `cfg` is its name, `shop_loom` say; the variable of the same name in capitals, `SHOP_LOOM`, says that somebody asked for
/// the models. Then the code is 1: most likely `RUSTFLAGS` is set in the environment, at which cargo drops flags of its
/// configuration without a word. Otherwise it is 0, and a line says how to run them.
pub fn switched_off(cfg: &str) -> ExitCode {
    let variable = cfg.to_uppercase();
    if std::env::args().any(|argument| argument == "--list") {
        // A runner that only lists tests is told of none.
        return ExitCode::SUCCESS;
    }
    match verdict(cfg, &variable, std::env::var_os(&variable).is_some()) {
        Ok(words) => {
            println!("{words}");
            ExitCode::SUCCESS
        }
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

fn verdict(cfg: &str, variable: &str, asked: bool) -> Result<String, String> {
    if asked {
        return Err(format!(
            "The loom models were asked for ({variable} is set), but this was compiled without `--cfg {cfg}`, so nothing \
             was checked. Most likely RUSTFLAGS (or CARGO_ENCODED_RUSTFLAGS) is set in the environment: it makes cargo \
             ignore the flags that `cargo loom` passes. Unset it, or add `--cfg {cfg}` to it."
        ));
    }
    Ok("loom models: not run, this build has the standard primitives; `cargo loom` runs them".to_owned())
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn models_that_were_asked_for_and_are_not_there_fail() {
        let refused = verdict("shop_loom", "SHOP_LOOM", true).unwrap_err();
        assert!(refused.contains("(SHOP_LOOM is set), but this was compiled without `--cfg shop_loom`"), "{refused}");
        assert!(verdict("shop_loom", "SHOP_LOOM", false).unwrap().starts_with("loom models: not run"));
    }
}

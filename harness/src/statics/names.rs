//! The names of statics as their authors know them, and whose they are.

/// Crates whose statics are no part of a service's state: the language's, the runtime's, our own, and what writes logs.
const NOT_THE_USERS: &[&str] = &[
    "std",
    "core",
    "alloc",
    "test",
    "getopts",
    "std_detect",
    "backtrace",
    "gimli",
    "addr2line",
    "tokio",
    "mio",
    "signal_hook_registry",
    "parking_lot",
    "parking_lot_core",
    "tracing",
    "tracing_core",
    "tracing_log",
    "tracing_subscriber",
    "log",
    "env_logger",
    "rand",
    "rand_core",
    "getrandom",
    "ahash",
    "foldhash",
    "crossbeam_epoch",
    "memchr",
    "cpufeatures",
    "proptest",
    "insta",
    "elf",
    "serde",
    "serde_json",
    "nevernone",
    "nevernone_point",
];

/// What macros put beside the line that the user wrote.
const GENERATED: &[&str] = &["__CALLSITE", "CALLSITE", "META"];

/// The name of a symbol that is one of Rust's: without its hash, without what the optimiser appended, and without the
/// levels that have no name of their own.
pub(super) fn of_symbol(symbol: &str) -> Option<String> {
    let demangled = rustc_demangle::try_demangle(symbol).ok()?;
    let name = format!("{demangled:#}");
    let name = name.split('.').next().unwrap_or_default();
    Some(name.replace("::{{closure}}", "").replace("::{closure#0}", ""))
}

/// Whether a static may hold what a service under test remembers.
pub(super) fn may_be_the_users(name: &str) -> bool {
    let last = name.rsplit("::").next().unwrap_or_default();
    let anonymous = last.starts_with("anon") || last.contains('{');
    !anonymous && !NOT_THE_USERS.contains(&crate_of(name)) && !GENERATED.contains(&last)
}

/// Those of the package under test come first: they are the likelier cause, and the one that the reader can change.
pub(super) fn sort(names: &mut Vec<String>) {
    let own = std::env::var("CARGO_PKG_NAME").unwrap_or_default().replace('-', "_");
    names.sort_by(|a, b| (crate_of(a) != own, a).cmp(&(crate_of(b) != own, b)));
    names.dedup();
}

/// The first name of a path, as in `shop::db::POOL` and `<shop::db::Pool as core::ops::Deref>::deref::LAZY`.
fn crate_of(name: &str) -> &str {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let start = name.find(is_part).unwrap_or(name.len());
    let rest = &name[start..];
    &rest[..rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_told_as_its_author_wrote_it() {
        let names = [
            ("_ZN4shop2db4POOL17h0123456789abcdefE", Some("shop::db::POOL")),
            (
                "_ZN4shop2db7connect28_$u7b$$u7b$closure$u7d$$u7d$4POOL17h0123456789abcdefE.0.0",
                Some("shop::db::connect::POOL"),
            ),
            ("environ", None),
        ];
        for (symbol, name) in names {
            assert_eq!(of_symbol(symbol).as_deref(), name);
        }
    }

    #[test]
    fn statics_of_the_language_and_of_macros_are_not_the_users() {
        assert!(may_be_the_users("shop::db::POOL"));
        assert!(may_be_the_users("<shop::db::POOL as core::ops::deref::Deref>::deref::__stability::LAZY"));
        for name in
            ["std::io::stdio::STDOUT", "<std::thread::Thread as core::x::Y>::z::LAZY", "shop::start::__CALLSITE"]
        {
            assert!(!may_be_the_users(name), "{name}");
        }
    }

    #[test]
    fn a_name_is_told_once_and_the_crate_is_the_paths_first() {
        let mut names = ["b::X", "a::Y", "b::X"].map(str::to_owned).to_vec();
        sort(&mut names);
        assert_eq!(names, ["a::Y", "b::X"]);
        assert_eq!(["shop::db::POOL", "<shop::A as core::B>::C", "_x::Y"].map(crate_of), ["shop", "shop", "_x"]);
    }
}

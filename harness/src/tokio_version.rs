//! Which tokio this is. It exports no version, so it is asked to panic and its source path is read.

use std::sync::OnceLock;

/// `1.54.1`, or `unknown` where the path does not tell (a vendored or patched tokio).
pub(crate) fn tokio_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| provoke().as_deref().and_then(version_in).unwrap_or("unknown").to_owned())
}

/// The file in which tokio refuses to drop a runtime within another.
fn provoke() -> Option<String> {
    std::thread::spawn(|| {
        let build = || tokio::runtime::Builder::new_current_thread().build().ok();
        let (outer, inner) = (build()?, build()?);
        crate::run::panic_location(move || outer.block_on(async move { drop(inner) })).map(|location| location.file)
    })
    .join()
    .ok()?
}

fn version_in(path: &str) -> Option<&str> {
    let folder = path.split(['/', '\\']).find_map(|part| part.strip_prefix("tokio-"))?;
    folder.starts_with(|first: char| first.is_ascii_digit()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::{tokio_version, version_in};

    #[test]
    fn the_version_is_read_off_the_source_path() {
        assert_eq!(version_in("registry/src/index/tokio-1.54.1/src/runtime/blocking/shutdown.rs"), Some("1.54.1"));
        assert_eq!(version_in("vendor/tokio/src/lib.rs"), None);
        assert!(tokio_version().starts_with("1."), "{}", tokio_version());
    }
}

//! What the fuzz targets share: their laws, and the one line that a target is.

pub mod laws;

/// libFuzzer's entry for a target, under its law; without it where the environment has `NEVERNONE_FUZZ_BARE`, to see what the
/// law costs.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        static TARGET: std::sync::LazyLock<$crate::laws::Target> =
            std::sync::LazyLock::new(|| $crate::laws::named($name).expect("it is one of the targets"));
        static BARE: std::sync::LazyLock<bool> =
            std::sync::LazyLock::new(|| std::env::var_os("NEVERNONE_FUZZ_BARE").is_some());

        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| -> libfuzzer_sys::Corpus {
            if *BARE {
                (TARGET.bare)(bytes);
                return libfuzzer_sys::Corpus::Keep;
            }
            if (TARGET.law)(bytes) { libfuzzer_sys::Corpus::Keep } else { libfuzzer_sys::Corpus::Reject }
        });
    };
}

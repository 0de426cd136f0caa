//! For tests only: the text of every variant of an error, so that a variant without one does not compile.

/// The texts of `$type`, one a line behind the pattern that each matches.
///
/// The patterns become an exhaustive `match`: a new variant does not compile until it has a sample here. Each sample must
/// match its own pattern, so none can stand in for another.
macro_rules! texts_of {
    ($type:ty { $( $pattern:pat => $sample:expr ),+ $(,)? }) => {{
        let _exhaustive = |error: &$type| match error { $( $pattern => {} ),+ };
        let lines = [$({
            let sample: $type = $sample;
            assert!(matches!(sample, $pattern), "`{sample}` is no {}", stringify!($pattern));
            format!("{}: {sample}", stringify!($pattern))
        }),+];
        lines.join("\n")
    }};
}

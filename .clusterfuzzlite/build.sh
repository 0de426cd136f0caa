#!/bin/bash -eu
# Builds every target and lays beside it what it starts from: the kept corpus and whatever once broke the law.
# The image has nightly Rust and cargo-fuzz; SRC and OUT are its own variables.
cd "$SRC/nevernone"
cargo fuzz build --fuzz-dir fuzz -O --debug-assertions

for program in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$program" .rs)
    cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    inputs=(fuzz/corpus/"$target"/*)
    [ ! -d "fuzz/regressions/$target" ] || inputs+=(fuzz/regressions/"$target"/*)
    zip --quiet --junk-paths "$OUT/${target}_seed_corpus.zip" "${inputs[@]}"
    # A run takes microseconds; what takes longer than this hangs.
    printf '[libfuzzer]\ntimeout = 20\n' >"$OUT/$target.options"
done

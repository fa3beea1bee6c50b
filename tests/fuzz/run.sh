#!/bin/bash
# usage: run.sh [SECONDS_EACH] [TARGET...]    see README.md
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(npy npz nir_file nir_graph)
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz > /dev/null
cmake --build build/fuzz --target "${targets[@]/#/fuzz_}" loas_hdf5
cd build/fuzz
export ASAN_OPTIONS=allocator_may_return_null=1
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    echo "== $target"
    LOAS_FUZZ_SEEDS=corpus/$target ./tests/fuzz_"$target" -runs=0 2> /dev/null # writes the seeds
    ./tests/fuzz_"$target" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="found_${target}_" "corpus/$target" 2>&1 | tail -n 12
done

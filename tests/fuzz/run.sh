#!/bin/bash
# usage: run.sh [SECONDS_EACH] [TARGET...]    see README.md
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(npy npz nir_file nir_graph nir_data)
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz > /dev/null
cmake --build build/fuzz --target "${targets[@]/#/fuzz_}" loas_hdf5
cd build/fuzz
export ASAN_OPTIONS=allocator_may_return_null=1
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    echo "== $target"
    LOAS_FUZZ_SEEDS=corpus/$target ./tests/fuzz_"$target" -runs=0 2> /dev/null # writes the seeds
    # A process that reads HDF5 may take 5 s of the processor, which others use, too.
    status=0
    ./tests/fuzz_"$target" -max_total_time="$seconds" -timeout=120 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="found_${target}_" "corpus/$target" > "$target.log" 2>&1 || status=$?
    tail -n 12 "$target.log"
    # Those that HDF5's process leaves when it crashes, which is an error message, are no findings.
    [ $status -ne 0 ] || rm -f found_"${target}"_crash-*
done

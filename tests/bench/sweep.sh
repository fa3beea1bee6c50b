#!/bin/bash
# What a sweep costs beside its simulations: processor time of 1,000 points of a small layer, of a sweep and as runs of their own
# in turn; how busy it keeps two processors; its memory for 100, 1,000 and 5,000 points. usage: sweep.sh LOAS_VP
set -eu
vp=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > base.toml << 'END'
[workload]
kind = "layer"
[layer]
channels = 64
out_channels = 64
[memory]
ram_mib = 16
END
for points in 100 1000 5000; do
    printf 'base = "base.toml"\nseeds = %s\n' $points > $points.toml
done

# Of what it runs: user and system time of all its processes, and the time on the wall, in ms.
TIMEFORMAT='%U %S %R'
measure()
{
    { time "$@" > /dev/null 2>&1; } 2>&1 | awk '{ printf "%d %d\n", ($1 + $2) * 1000, $3 * 1000 }'
}
runs()
{
    local seed
    for seed in $(seq 100); do
        "$vp" run base.toml --set layer.seed=$((seed * 10)) --quiet --out run --force
    done
}

for round in 1 2 3; do
    read -r runs_ms _ < <(measure runs)
    read -r sweep_ms wall_ms < <(measure "$vp" sweep 1000.toml -j 2 --out sweep)
    rm -rf sweep
    awk -v runs=$runs_ms -v sweep=$sweep_ms -v wall=$wall_ms 'BEGIN {
        printf "a point as a run of its own %.2f ms of processor time, in a sweep of 1,000 %.2f ms (%+.0f %%); two processors busy %.0f %%\n",
            runs / 100, sweep / 1000, 100 * (sweep / 1000) / (runs / 100) - 100, 100 * sweep / (2 * wall) }'
done

for points in 100 1000 5000; do
    "$vp" sweep $points.toml -j 2 --quiet --out sweep > /dev/null &
    sweep=$!
    while peak=$(awk '/VmHWM/ { print $2 }' /proc/$sweep/status 2> /dev/null) && [ -n "$peak" ]; do
        last=$peak
        sleep 0.01
    done
    wait $sweep
    echo "$points points: the sweep's process had at most $last KiB in memory"
    rm -rf sweep
done

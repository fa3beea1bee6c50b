#!/bin/bash
# loas-vp dram, and traces of runs that it replays. usage: dram_traces.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
source=$2
v_l8=$source/scenarios/layers/v_l8.toml
cd "$work" || exit 1
quick=(--quiet --set layer.out_channels=40 --set run.golden=false)

# An observer changes nothing, and what it saw ends at the same times when it is replayed.
expect 0 "Written" "$vp" run "$v_l8" "${quick[@]}" --out plain
expect 0 "Written" "$vp" run "$v_l8" "${quick[@]}" --out traced --trace dram=layer.csv
cmp plain/results.json traced/results.json || fail "a trace changes the results"
lines=$(($(wc -l < layer.csv) - 1))
[ "$lines" -ge 500 ] || fail "only $lines lines in the trace"
grep -q ",b_weights," layer.csv || fail "no operand in the trace"
expect 0 "as recorded $lines of $lines requests" "$vp" dram layer.csv --check
expect 0 "commands, no breach" "$vp" dram layer.csv --check
expect 0 "at their times" "$vp" dram layer.csv
# The same for another standard, page policy and refresh; and for queues that are full.
options=(--set dram.page_policy=closed --set dram.refresh=per-bank --set dram.read_window=2 --set dram.write_window=2
    --set dram.write_high=2 --set dram.write_low=0)
expect 0 "Written" "$vp" run "$v_l8" "${quick[@]}" "${options[@]}" --out other --trace dram=other.csv
lines=$(($(wc -l < other.csv) - 1))
expect 0 "as recorded $lines of $lines requests" "$vp" dram other.csv --check "${options[@]}"

# Any standard, as fast as the queues take it.
for memory in "$source"/scenarios/memory/*.toml; do
    expect 0 '"gb_per_s"' "$vp" dram layer.csv --memory "$memory" --times ignore --check --json
done
expect 0 "at most 4 of a channel in flight" "$vp" dram layer.csv --times ignore --in-flight 4
printf 'LD 0x0\nLD 0x20\nST 0x40\n' > loads.txt
expect 0 "3 requests of 32 bytes, 33.3 % written, as fast as" "$vp" dram loads.txt
expect 0 '"times_kept": false' "$vp" dram loads.txt --json
printf '0: read 0x0\n1000: (64) write 0x40\n' > cycles.stl
expect 0 "3 requests of 32 bytes, 66.7 % written, at their times" "$vp" dram cycles.stl
expect 0 "2030.0 ns" "$vp" dram cycles.stl --set dram.channels=1
expect 0 "10030.0 ns" "$vp" dram cycles.stl --set dram.channels=1 --set dram.t_refi_ns=0 --cycle-ns 10

# Mistakes.
expect 2 "which file?" "$vp" dram
expect 2 "missing.csv: cannot be read" "$vp" dram missing.csv
printf 'LD 0x0\nLD zero\n' > wrong.txt
expect 2 "wrong.txt:2: address: expected a number" "$vp" dram wrong.txt
expect 2 "--times keep: loads.txt has no times" "$vp" dram loads.txt --times keep
expect 2 "--times: allowed are keep, ignore" "$vp" dram loads.txt --times now
expect 2 "--in-flight: allowed are" "$vp" dram loads.txt --in-flight 0
expect 2 "--cycle-ns: allowed are" "$vp" dram cycles.stl --cycle-ns 0
expect 2 "did you mean 'dram.channels'" "$vp" dram loads.txt --set dram.chanels=2
expect 2 "nothere.toml" "$vp" dram loads.txt --memory nothere.toml
expect 2 "t_refi leaves no time" "$vp" dram loads.txt --set dram.t_refi_ns=100
expect 2 "expected dram=FILE" "$vp" run "$v_l8" "${quick[@]}" --trace layer.csv
ln -s real.csv link.csv
touch real.csv
expect 0 "Written" "$vp" run "$v_l8" "${quick[@]}" --out traced --trace dram=link.csv
[ -L link.csv ] && cmp layer.csv real.csv || fail "a link is not written through"
for device in /dev/stdout /dev/full; do
    expect 2 "trace $device: not a file" "$vp" run "$v_l8" "${quick[@]}" --out traced --trace dram=$device
done
expect 2 "has no DRAM to look at" "$vp" run "$v_l8" "${quick[@]}" --trace dram=layer.csv --timing lt

if [ "$failures" -gt 0 ]; then
    echo "$failures failed"
    exit 1
fi
echo "traces of the DRAM can be replayed"

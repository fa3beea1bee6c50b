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
grep "without effect" err.txt && fail "options of the DRAM are said to have no effect"

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

# Time ends with the last data, and only what moved counts.
{ yes 'ST 0x0' | head -n 20 && printf 'ST 0x%x\n' $(seq 0 32 3200); } > writes.txt
for posted in false true; do
    expect 0 "20 writes merged with waiting ones, 0 reads" "$vp" dram writes.txt --set dram.posted_writes=$posted
    "$vp" dram writes.txt --json --set dram.posted_writes=$posted --set dram.channels=1 > $posted.json
    grep -q '"bytes": 3232,' $posted.json || fail "not the bytes that moved: $(grep bytes $posted.json)"
done
python3 - false.json true.json << 'EOF' || fail "posted writes come to more than the DRAM can move"
import json, sys
plain, posted = (json.load(open(name)) for name in sys.argv[1:])
assert posted["share_of_peak"] <= 1 and abs(posted["time_ns"] / plain["time_ns"] - 1) < 0.1, (posted, plain)
EOF

# What a layer posted is in its figures, whether the run was long enough to see it written or not.
"$vp" run "$v_l8" "${quick[@]}" --set dram.posted_writes=true --out posted > posted.txt || fail "posted writes"
python3 - posted/results.json << 'EOF' || fail "posted writes are missing"
import json, sys
layer = json.load(open(sys.argv[1]))["layers"][0]
assert layer["dram"]["write_bursts"] * 32 == sum(layer["dram_write_bytes"].values()) > 0, layer["dram"]
EOF

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
expect 2 "set dram.t_refi_ns=100: twice a refresh" "$vp" dram loads.txt --set dram.t_refi_ns=100
expect 2 "set dram.t_refi_ns=800: dram.t_refi_ns = 800 leaves no time to refresh each bank" \
    "$vp" dram loads.txt --set dram.t_refi_ns=800 --set dram.t_rfc_ns=100 --set dram.refresh=per-bank
expect 2 "dram.write_low = 30 is more" "$vp" dram loads.txt --set dram.write_low=30
expect 0 "set cache.ideal=true: without effect here" "$vp" dram loads.txt --set cache.ideal=true
expect 0 "cycle-ns: without effect, for loads.txt has no times in cycles" "$vp" dram loads.txt --cycle-ns 2
printf 'read 0x0\n' > nothing.txt
expect 2 "nothing.txt:1: expected LD or ST and an address, found 'read'; known are lines like" "$vp" dram nothing.txt
printf '\357\273\277LD 0x0\r\n' > marked.txt
expect 0 "1 requests of 32 bytes" "$vp" dram marked.txt
# 305 lines of 32768 bursts and one of 6067 make 10000307, just enough for line 307; after line 308 it is one too many.
{
    printf '0: (1048576) read 0x0\n%.0s' $(seq 305)
    printf '0: (%d) read 0x0\n' $((6067 * 32)) 32 64 32
} > long.stl
expect 2 "long.stl:309: the lengths up to here ask for more than 10000000 bursts" "$vp" dram long.stl
expect 2 "expected dram=FILE" "$vp" run "$v_l8" "${quick[@]}" --trace layer.csv
ln -s real.csv link.csv
touch real.csv
expect 0 "Written" "$vp" run "$v_l8" "${quick[@]}" --out traced --trace dram=link.csv
[ -L link.csv ] && cmp layer.csv real.csv || fail "a link is not written through"
for device in /dev/stdout /dev/full; do
    expect 2 "trace $device: not a file" "$vp" run "$v_l8" "${quick[@]}" --out traced --trace dram=$device
done
expect 2 "has no DRAM to look at" "$vp" run "$v_l8" "${quick[@]}" --trace dram=layer.csv --timing lt
expect 2 "has no DRAM to look at" "$vp" run "$v_l8" "${quick[@]}" --trace dram=layer.csv --set cache.ideal=true
expect 2 "the run writes results.json there" "$vp" run "$v_l8" "${quick[@]}" --out here --trace dram=here/results.json

if [ "$failures" -gt 0 ]; then
    echo "$failures failed"
    exit 1
fi
echo "traces of the DRAM can be replayed"

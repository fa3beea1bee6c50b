#!/bin/bash
# Sweeps as a user meets them: the same bytes whatever the number of processes and shards; failing points; folders that cannot
# be written. Kills and full disks: durability.sh. usage: sweep.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
cd "$work" || exit 1

cat > base.toml << 'END'
[workload]
kind = "layer"
[layer]
channels = 64
out_channels = 64
[memory]
ram_mib = 16
END
cat > sweep.toml << 'END'
base = "base.toml"
constraints = ["tppe.count * cache.size_kib < 4096"]
seeds = 2
[axes]
tppe.count = { from = 4, to = 16, factor = 2 }
cache.size_kib = [64, 128, 256]
[[zip]]
tppe.laggy_adders = [16, 128]
tppe.fifo_depth = [8, 16]
[derived]
energy_delay = "totals.energy_pj.total * totals.cycles"
layer_share = "layers.base.cycles / totals.cycles"
END

# One, two and many at a time, interrupted or not: the same bytes.
expect 0 "32 of 32 points: 32 ok." "$vp" sweep sweep.toml -j 1 --out one
expect 0 "fewest cycles" "$vp" sweep sweep.toml -j 2 --out two
expect 0 '"finished": 32' "$vp" sweep sweep.toml --jobs 7 --out seven --json
for other in two seven; do
    cmp one/points.jsonl $other/points.jsonl || fail "$other differs"
    cmp one/sweep.toml $other/sweep.toml || fail "$other/sweep.toml differs"
done
grep -q '"layer_share":1.0}' one/points.jsonl || fail "a derived figure"
[ "$(cd one && echo *)" = "inputs points.jsonl sweep.toml" ] || fail "more than points.jsonl, sweep.toml and what it reads"
mkdir far && cp -r one far/moved
! grep -r "$PWD" far/moved || fail "an absolute path in the folder of a sweep"
expect 0 "32 ok" "$vp" sweep far/moved/sweep.toml --out again
cmp one/points.jsonl again/points.jsonl || fail "the written sweep.toml gives other points"

# As a table: the axes that vary, the same from a merge; what_if.sh compares the figures of many.
expect 0 "| tppe.count | cache.size_kib | tppe.laggy_adders | tppe.fifo_depth | seed | cycles | energy_delay | layer_share |" \
    "$vp" sweep sweep.toml --out one --resume --table
grep '^|' out.txt > table.txt
[ "$(wc -l < table.txt)" -eq 34 ] || fail "a table of 32 points has not 34 lines"
expect 0 "32 ok" "$vp" merge one two --out tables --table
grep '^|' out.txt | diff table.txt - || fail "merge --table says something else than sweep --table"
expect 2 "only one of them" "$vp" sweep sweep.toml --out other --json --table

# A point is what run says of the same scenario.
"$vp" run base.toml --quiet --set tppe.count=4 --set cache.size_kib=64 --set layer.seed=1 --out point > run.txt || fail "run"
cycles=$(sed -n '/"totals"/,$s/^ *"cycles": \([0-9]*\),/\1/p' point/results.json | head -n 1)
head -n 1 one/points.jsonl | grep -qF "\"totals.cycles\":$cycles," || fail "point 0 has not the cycles of its run"

# Points that are there are not computed again: one that says something else stays.
mkdir kept && cp one/sweep.toml kept && sed -n '5s/"ok"/"stuck"/p' one/points.jsonl > kept/points.jsonl
expect 1 "31 ok, 1 stuck" "$vp" sweep sweep.toml --out kept --resume

# Interrupted: what is under way ends, and is written.
cat > long.toml << 'END'
base = "base.toml"
seeds = 4000
END
"$vp" sweep long.toml -j 2 --out long > out.txt 2> err.txt &
sleep 0.5
kill -TERM $!
wait $!
[ $? -eq 130 ] || fail "exit code after an interruption"
grep -q "Interrupted; --resume goes on" out.txt || fail "nothing said of the interruption"
[ "$(wc -l < long/points.jsonl)" -ge 2 ] || fail "nothing was written before the interruption"

# Shards.
expect 0 "of 32 points: 16 ok" "$vp" sweep sweep.toml --shard 1/2 --out part1
expect 1 "Missing: 16 points: 1, 3, 5" "$vp" merge part1 --out whole
expect 0 "16 ok" "$vp" sweep sweep.toml --shard 2/2 --out part2
expect 0 "32 ok" "$vp" merge part1 part2 --out whole
expect 0 '"missing": 0' "$vp" merge part2 part1 --out whole2 --json
for other in whole whole2; do
    cmp one/points.jsonl $other/points.jsonl || fail "merged shards differ from the whole"
done
expect 0 "32 ok" "$vp" sweep sweep.toml --shard 2/2 --out part1 --resume
expect 2 "holds another sweep than" "$vp" merge part1 long --out other
expect 2 "is not the same in" "$vp" merge one kept --out other
expect 2 "no such file" "$vp" merge base.toml --out other
expect 2 "which folders" "$vp" merge one
for shard in 0/2 3/2 1 x/y 1/0 1/2/3; do
    expect 2 "--shard" "$vp" sweep sweep.toml --shard $shard --out other
done

# Points that fail are recorded, and the others go on.
cat > failing.toml << 'END'
base = "base.toml"
[axes]
cpu.timeout_ms = [10000, 1]
dram.lose_response = [0, 5]
layer.weights_file = ["", "none.npy"]
END
expect 1 "8 of 8 points: 2 ok, 2 stuck, 4 user mistake." "$vp" sweep failing.toml -j 2 --out failing
grep -q "^The first that is not ok is point " out.txt || fail "no word of the first that is not ok"
awk 'length > 100' out.txt | grep . && fail "lines of more than 100 columns"
expect 1 "2 ok" "$vp" sweep failing.toml -j 1 --out failing1
cmp failing/points.jsonl failing1/points.jsonl || fail "failing points differ"
expect 1 "user mistake |" "$vp" sweep failing.toml --out failing --resume --table
grep -q '"status":"user mistake","reason":".*none.npy' failing/points.jsonl || fail "no reason of a user mistake"
# What one accelerator cannot be is refused, and no more than that.
printf 'base = "base.toml"\n[axes]\naccelerator = ["loas", "sparten-snn"]\ntppe.count = [8, 12]\n' > designs.toml
expect 1 "4 of 4 points: 3 ok, 1 refused." "$vp" sweep designs.toml --out designs
grep -q '"index":3,.*"status":"refused","reason":"tppe.count = 12 is no multiple of 8' designs/points.jsonl ||
    fail "no reason of a refusal: $(tail -n 1 designs/points.jsonl)"
expect 1 "timed out" "$vp" sweep sweep.toml --timeout 0.000001 --out late
grep -q '"reason":"no result within 1e-06 s (--timeout)"' late/points.jsonl || fail "no reason of a time-out"

# Mistakes.
expect 2 "holds a sweep already" "$vp" sweep sweep.toml --out one
expect 2 "holds another sweep" "$vp" sweep long.toml --out one --resume
sed 's/"tppe/"tpe/' one/sweep.toml > wrong.toml
expect 2 "did you mean 'tppe.count'?" "$vp" sweep wrong.toml --out other
expect 2 "no such sweep file" "$vp" sweep none.toml
expect 2 "which file?" "$vp" sweep
expect 2 "totals.cycles" "$vp" sweep sweep.toml --json-keys totals.cycle --out other
expect 2 "--jobs" "$vp" sweep sweep.toml -j -1 --out other
expect 2 "--timeout" "$vp" sweep sweep.toml --timeout -1 --out other
expect 0 "32 ok" "$vp" sweep sweep.toml --json-keys totals.cache_misses.bias,totals.busy_cycles --out keys
grep -q '"totals.busy_cycles":[0-9]' keys/points.jsonl || fail "--json-keys"
printf 'base = "base.toml"\n[axes]\nxbar.latency = [1]\ntppe.laggy_adders = [64, 256]\n' > rules.toml
expect 2 "rules.toml:4: point 1 " "$vp" sweep rules.toml --out other
[ -e other ] && fail "a folder was made for a sweep with a mistake"

# Folders and disks that cannot be written.
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed && chmod a-w closed
    expect 2 "closed" "$vp" sweep sweep.toml --out closed/deep
fi
expect 2 "not a folder" "$vp" sweep sweep.toml --out base.toml/deep
expect 2 "/proc" "$vp" sweep sweep.toml --out /proc/none
mkdir full && ln -s /dev/full full/points.jsonl
expect 2 "not a file of points" "$vp" sweep sweep.toml --out full
"$vp" sweep sweep.toml --out closed_output > /dev/full 2> err.txt
[ $? -eq 2 ] || fail "exit code when standard output is full"
cmp one/points.jsonl closed_output/points.jsonl || fail "points differ when standard output is full"

[ "$failures" -eq 0 ] && echo "sweeps hold"
exit $((failures > 0))

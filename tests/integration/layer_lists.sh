#!/bin/bash
# Layers of a list side by side: the same bytes however many run at a time, a layer alone takes what it takes in the
# list, and one that fails is named. usage: layer_lists.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
alexnet=$2/scenarios/published/alexnet.toml # five layers: more than two at a time, fewer than seven
cd "$work" || exit 1

for jobs in 1 2 7; do
    expect 0 "Golden model: equal" "$vp" run "$alexnet" --quiet -j $jobs --out run$jobs
    "$vp" compare "$alexnet" --json -j $jobs --accelerators loas,gamma-snn > compare$jobs || fail "compare -j $jobs"
    "$vp" explain run1 --json -j $jobs > explain$jobs || fail "explain -j $jobs"
    "$vp" published alexnet --seeds 2 --json -j $jobs > published$jobs || fail "published -j $jobs"
done
for jobs in 2 7; do
    cmp run1/results.json run$jobs/results.json || fail "run: -j $jobs differs from -j 1"
    for what in compare explain published; do
        cmp ${what}1 $what$jobs || fail "$what: -j $jobs differs from -j 1"
    done
done

# A layer starts from the reset, so it is the same alone as behind others.
expect 0 "Golden model: equal" "$vp" run "$alexnet" --quiet --set workload.only=A-L4 --out alone
python3 - run1 alone << 'END' || fail "A-L4 is not alone what it is in the list"
import json, sys
listed, alone = (json.load(open(folder + '/results.json'))['layers'] for folder in sys.argv[1:])
sys.exit([layer for layer in listed if layer['name'] == 'A-L4'] != alone)
END

# What goes wrong in a layer.
expect 4 "(layer A-L2)" "$vp" run "$alexnet" --quiet --set dram.lose_response=40 -j 2 --out stuck
expect 4 "(gamma-snn, layer A-L2)" "$vp" compare "$alexnet" --quiet --set dram.lose_response=40 -j 2 \
    --accelerators gamma-snn
expect 2 "no layer 'A-L9'" "$vp" run "$alexnet" --set workload.only=A-L9 --out none
expect 2 "jobs" "$vp" run "$alexnet" -j -1 --out none

[ "$failures" -eq 0 ] && echo "layers of a list run side by side"
exit $((failures > 0))

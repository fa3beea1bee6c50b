#!/bin/bash
# loas-vp as a user meets it: results, exit codes, messages, files. usage: command_line.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
source=$2
digits=$source/scenarios/quickstart/digits.toml
cd "$work" || exit 1

few=(--set workload.max_images=5 --quiet --check-protocol)

# Two runs, a run of the dump, and a run from elsewhere give the same bytes.
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --out one
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --out two
cmp one/results.json two/results.json || fail "two runs differ"
"$vp" dump "$digits" --set workload.max_images=5 --set run.check_protocol=true > dumped.toml || fail "dump"
expect 0 "Golden model: equal" "$vp" run dumped.toml --quiet --out three
expect 0 "host ms: load" "$vp" run dumped.toml --quiet --out three --host-times
cmp one/results.json three/results.json || fail "the dump's run differs"
"$vp" dump dumped.toml > again.toml && cmp dumped.toml again.toml || fail "dump of a dump differs"
"$vp" run "$digits" "${few[@]}" --json --out four > json.txt && cmp json.txt four/results.json || fail "--json"
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --set cpu.completion=polling --out polling
expect 0 "1 tile " "$vp" run "$digits" "${few[@]}" --set tppe.count=1 --out tiles
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --set workload.single_spike_mask=true --out masked
expect 0 "published fidelity" "$vp" run "$digits" "${few[@]}" --set fidelity=published --out published
expect 0 "Golden model: not checked" "$vp" run "$digits" "${few[@]}" --set run.golden=false --out unchecked
[ "$(cd one && echo *)" = "inputs results.json scenario.toml" ] || fail "more than result, scenario and inputs was written"
expect 0 "Golden model: equal" "$vp" run one/scenario.toml --quiet --out repeated
cmp one/results.json repeated/results.json || fail "the run of the written scenario.toml differs"

# The memory system: every backend and timing computes the same; the checks find nothing.
for backend in dram fixed ideal; do
    for timing in at lt; do
        expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --set memory.backend=$backend --timing $timing \
            --out backend --force
    done
done
expect 0 "energy are no bound for those of timing at" "$vp" run "$digits" "${few[@]}" --timing lt --out lt
expect 0 "energy are no bound for those of timing at" "$vp" explain lt
grep -q '"timing": "lt"' lt/results.json || fail "results.json does not say which timing"
expect 2 "allowed: at, lt" "$vp" run "$digits" --timing fast

# What bounds a layer.
expect 0 "what bounds each layer" "$vp" explain one
expect 0 "bound by" "$vp" explain one/results.json
expect 0 '"cycles_without"' "$vp" explain one --json
expect 0 "fast_prefix" "$vp" cost "$digits"
expect 0 "As one used it, mean over" "$vp" cost one
[ "$(awk '$1 == "total" { print $2 }' out.txt | tail -n 1)" = "$("$vp" cost one --json | python3 -c '
import json, sys
print("%.3f" % sum(json.load(sys.stdin)["used"]["mw"].values()))')" ] || fail "cost: the text and the JSON differ"
expect 2 "a result has its configuration" "$vp" cost one --set tppe.count=4
expect 2 "missing.toml" "$vp" cost missing.toml
expect 2 "which file?" "$vp" explain
expect 2 "missing.json" "$vp" explain missing.json
expect 2 "not a whole result file" "$vp" explain one/scenario.toml
mkdir torn && head -c 3000 one/results.json > torn/results.json
expect 2 "not a whole result file" "$vp" explain torn
mkdir -p forged && cp -r one/scenario.toml one/inputs forged
sed '0,/"name": "conv2"/s//"name": "conv9"/' one/results.json > forged/results.json
expect 2 "another number of cycles" "$vp" explain forged
sed '/"layers": \[/,$s/^      "cycles": [0-9]*,/      "cycles": 10,/' one/results.json > forged/results.json
for command in "explain forged" "report forged" "diff one forged"; do
    # shellcheck disable=SC2086
    expect 2 "damaged: performance.accelerator_ns is" "$vp" $command
done
sed 's/"spike_sparsity"/"spike_density"/' one/results.json > forged/results.json
expect 2 "damaged: layers[0].spike_sparsity is missing" "$vp" diff one forged
sed 's/"tppe.count": 16/"tppe.count": 16, "tppe.number": 16/' one/results.json > forged/results.json
expect 2 "damaged: configuration.tppe.number is no parameter" "$vp" report forged
sed '0,/"scenario": /s//"scenario": "twin", &/' one/results.json > forged/results.json
expect 2 'damaged: the key "scenario" is there twice' "$vp" report forged
printf 'a.%.0s' {1..50000} > endless.toml && echo 'b = 1' >> endless.toml
expect 2 "endless.toml:1: a key of too many parts" "$vp" run endless.toml
sed 's/"busy_cycles"/"bsy_cycles"/' one/results.json > forged/results.json
expect 2 "damaged" "$vp" explain forged
sed 's/"stall_cycles": {/"stall_cycles": 3, "x": {/' one/results.json > forged/results.json
expect 2 "damaged" "$vp" explain forged
sed 's/"schema": "[^"]*"/"schema": 7/' one/results.json > forged/results.json
expect 2 "not a result of this loas-vp" "$vp" explain forged
mkdir alone && cp one/results.json alone
expect 2 "scenario.toml is missing" "$vp" explain alone
cp tiles/scenario.toml alone
expect 2 "is of another run: tppe.count differs" "$vp" explain alone

# One synthetic layer instead of a network.
v_l8=$source/scenarios/layers/v_l8.toml
quick=(--quiet --check-protocol --set layer.out_channels=40)
expect 0 "Golden model: equal" "$vp" run "$v_l8" "${quick[@]}" --out layer
for text in "800 MHz, 1 run" "us a run"; do
    grep -qF "$text" out.txt || fail "no '$text' in the report of a layer"
done
grep -qiE "accuracy|image" out.txt && fail "the report of a layer speaks of images"
"$vp" dump "$v_l8" --set layer.out_channels=40 --set run.check_protocol=true > dumped.toml || fail "dump of a layer"
expect 0 "Golden model: equal" "$vp" run dumped.toml --quiet --out layer_again
cmp layer/results.json layer_again/results.json || fail "two runs of a layer differ"
grep -qF '"images": 0,' layer/results.json || fail "a layer has images"
expect 0 "v-l8: loas (literal fidelity), 16 tiles at 800 MHz, 3 runs" "$vp" run "$v_l8" "${quick[@]}" \
    --set layer.runs=3 --set cpu.completion=polling --set layer.pool=2 --set workload.single_spike_mask=true --out layer3
grep -qF '"runs": 3,' layer3/results.json || fail "not three runs"
# As a plain matrix it has the published numbers of non-zeros.
matrix=(--set layer.height=16 --set layer.width=1 --set layer.channels=2304 --set layer.kernel=1 --set layer.padding=0)
expect 0 "Golden model: equal" "$vp" run "$v_l8" --quiet "${matrix[@]}" --set layer.silent_ratio=0.765191 \
    --set layer.spike_sparsity=0.880731 --set layer.weight_sparsity=0.967543 --out matrix
for text in '"non_silent_inputs": 8656,' '"spikes": 17587,' '"nonzero_weights": 38288,'; do
    grep -qF "$text" matrix/results.json || fail "no $text in the results of the published matrix"
done
expect 2 "layer.kernel" "$vp" run "$v_l8" --set layer.kernel=7
expect 2 "layer.spike_sparsity" "$vp" run "$v_l8" --set layer.spike_sparsity=0.5
expect 2 "layer.silent_ratio" "$vp" run "$v_l8" --set layer.silent_ratio=1.5
expect 2 "layer.threshold" "$vp" run "$v_l8" --set layer.threshold=3000000000
expect 2 "did you mean 'layer.channels'?" "$vp" run "$v_l8" --set layer.chanels=3
expect 2 "workload.network" "$vp" run "$v_l8" --set workload.kind=network

# Layers of the publication, by numbers; and a layer from files.
alexnet=$source/scenarios/published/alexnet.toml
expect 2 "holds the result of scenario 'digits'" "$vp" run "$alexnet" --quiet --set workload.only=A-L5 --out published
grep -q '"scenario": "digits"' published/results.json || fail "a refused run has touched what was there"
expect 0 "Golden model: equal" "$vp" run "$alexnet" --quiet --set workload.only=A-L5 --out published --force
for text in '"name": "A-L5",' '"non_silent_inputs": 52376,' '"spikes": 126970,' '"nonzero_weights": 3936,'; do
    grep -qF "$text" published/results.json || fail "no $text in the results of A-L5"
done
[ "$(grep -c '"runs": 1,' published/results.json)" -ge 1 ] || fail "not one run"
expect 0 "Golden model: equal" "$vp" run "$alexnet" --quiet --set workload.only=Layer_4,A-L2 --out masked --force \
    --set workload.single_spike_mask=true
for text in '"name": "A-L2",' '"name": "A-L5",' '"non_silent_inputs": 39916,' '"spikes": 114510,' '"masked_inputs": '; do
    grep -qF "$text" masked/results.json || fail "no $text in the results with the mask"
done
expect 0 "bound by" "$vp" explain published
expect 2 "did you mean 'A-L5'?" "$vp" run "$alexnet" --set workload.only=A-L55
expect 2 "workload.layers is missing" "$vp" run "$alexnet" --set workload.layers=
expect 2 "digits.toml:" "$vp" run "$alexnet" --set workload.layers="$digits"
expect 2 "tppe.max_timesteps" "$vp" run "$alexnet" --set tppe.max_timesteps=2
expect 2 "(layer.spikes_file)" "$vp" run "$v_l8" --set layer.spikes_file="$source/scenarios/quickstart/digits_images.npy"
expect 2 "none.npz" "$vp" run "$v_l8" --set layer.weights_file=none.npz:weights

# Accelerators side by side.
expect 0 "Golden model: equal" "$vp" compare "$digits" --set workload.max_images=5
awk 'length > 100 { exit 1 }' out.txt || fail "the comparison is wider than 100 columns"
for text in "times as fast as loas" "published accounting, cycles" "published accounting, DRAM, KiB" "weights: efficiency, %" "SRAM of all layers, KiB" "partial sums" "stream" "merging"; do
    grep -qF "$text" out.txt || fail "no '$text' in the comparison"
done
for accelerator in loas sparten-snn gospa-snn gamma-snn; do
    "$vp" run "$digits" "${few[@]}" --set accelerator=$accelerator --out "of_$accelerator" > table.txt ||
        fail "a run of $accelerator"
    cycles=$(awk '$1 == "total" { print $2; exit }' table.txt)
    sed -n '/^cycles /,/^$/p' out.txt | grep -qE "^total .*\b$cycles\b" || fail "the comparison has other cycles of $accelerator"
    "$vp" explain "of_$accelerator" > explained.txt || fail "explain of $accelerator"
    awk 'length > 100 { exit 1 }' explained.txt || fail "the explanation of $accelerator is wider than 100 columns"
    [ $accelerator = loas ] || ! grep -q laggy explained.txt || fail "$accelerator has no laggy prefix-sum"
    grep -q '"published_traffic"' "of_$accelerator/results.json" || fail "no published traffic of $accelerator"
done
expect 0 '"schema": "loas-vp.comparison/1"' "$vp" compare "$digits" --set workload.max_images=1 \
    --accelerators "dense-snn, loas" --json
grep -qF '"dense-snn": 1.0' out.txt || fail "the first accelerator is not as fast as itself"
expect 0 "loas-nmtk" "$vp" compare "$digits" --set workload.max_images=1 \
    --accelerators loas,loas-nmtk,sparten-snn,gospa-snn,gamma-snn,dense-snn
awk 'length > 100 { exit 1 }' out.txt || fail "the comparison of all is wider than 100 columns"
[ "$(sed -n '/^published accounting/,/^$/p' out.txt | grep -cE '^total .*[0-9] +-$')" -eq 3 ] ||
    fail "dense-snn has a published accounting, or others have none"
expect 0 "(literal fidelity, lt timing)" "$vp" compare "$digits" --set workload.max_images=1 --timing lt --check-protocol
expect 0 "energy are no bound for those of timing at" "$vp" compare "$digits" --set workload.max_images=1 --timing lt
expect 2 "timing" "$vp" compare "$digits" --timing at_all
expect 2 "accelerator" "$vp" compare "$digits" --accelerators loas,
expect 2 "accelerator" "$vp" compare "$digits" --set accelerator=gamma-snn
# Ended from outside, it leaves no simulation behind.
"$vp" compare "$v_l8" --set layer.runs=100000 --accelerators loas,gamma-snn > /dev/null 2>&1 &
compared=$!
children_of() { grep -ls "^PPid:[[:space:]]$1\$" /proc/[0-9]*/status | grep -o '[0-9]*'; }
for _ in $(seq 100); do
    children=$(children_of $compared)
    [ -n "$children" ] && break
    sleep 0.05
done
[ -n "$children" ] || fail "the comparison started no simulation"
kill -TERM $compared
wait $compared
[ $? -eq 143 ] || fail "exit code of a comparison that was ended"
sleep 0.3
for child in $children; do
    ! grep -qs "^State:[[:space:]][^ZX]" "/proc/$child/status" || fail "a simulation of the comparison goes on"
done
# A simulation that something else kills is not this program's mistake.
"$vp" compare "$v_l8" --set layer.runs=100000 --accelerators loas,gamma-snn > out.txt 2> err.txt &
compared=$!
for _ in $(seq 100); do
    children=$(children_of $compared)
    [ -n "$children" ] && break
    sleep 0.05
done
kill -KILL $children
wait $compared
[ $? -eq 2 ] || fail "exit code of a comparison of which a simulation was killed"
grep -q 'the simulation was killed from outside.* (loas)' err.txt || fail "not told: $(cat err.txt)"
expect 2 'did you mean "sparten-snn"?' "$vp" compare "$digits" --accelerators loas,sparten-sn
expect 2 "loas is there twice" "$vp" compare "$digits" --accelerators "loas,gamma-snn, loas"
expect 2 "which ones?" "$vp" compare "$digits" --accelerators ""
expect 2 "--accelerators: accelerator = \"\" is not known" "$vp" compare "$digits" --accelerators ,loas
expect 0 "tppe.count = 12 is no multiple of 8" "$vp" compare "$digits" --set tppe.count=12 --set workload.max_images=2
expect 2 "missing.toml" "$vp" compare missing.toml
# Designs take inputs of other kinds: where the workload has only one, what is made up is said.
small_v_l8=("$v_l8" --set layer.channels=16 --set layer.out_channels=16 --quiet)
expect 0 "gamma-ann: bytes made up, T = 1" "$vp" compare "${small_v_l8[@]}" --accelerators loas,gamma-ann
expect 0 '"inputs_made_up": {' "$vp" compare "${small_v_l8[@]}" --accelerators loas,gamma-ann --json
expect 0 "gamma-ann: bytes made up, T = 1" "$vp" run "$source/scenarios/published/vgg16.toml" --quiet --out made_up \
    --set workload.only=V-L13 --set accelerator=gamma-ann
expect 0 "loas: spikes of one timestep" "$vp" run "$source/scenarios/published/vgg16_ann.toml" --quiet --out made_up \
    --set workload.only=V-L13 --set accelerator=loas --force
"$vp" run "$source/scenarios/published/vgg16_ann.toml" --quiet --out made_up --force \
    --set workload.only=V-L13 --set accelerator=gamma-ann | grep -q "made up" && fail "bytes of a list are said to be made up"
# What --for gives is told by that name: mistakes, and what changes nothing of that design.
expect 2 "--for ptb:ptb.windw=4: unknown key" "$vp" compare "${small_v_l8[@]}" --accelerators loas,ptb --for ptb:ptb.windw=4
expect 0 "--for ptb:stellar.pixels=8: stellar.pixels has no effect" "$vp" compare "${small_v_l8[@]}" \
    --accelerators loas,ptb --for ptb:stellar.pixels=8
# A comparison is several results: who takes one asks for its name, and none of them is dropped without a word.
expect 0 "with --for spinalflow:spinalflow.filter_kib=" "$vp" compare "${small_v_l8[@]}" --accelerators loas,spinalflow,ptb \
    --equal-area --out several
halved=$(grep -o "spinalflow:spinalflow.filter_kib=[0-9]*" out.txt)
expect 0 "of equal area" "$vp" compare "${small_v_l8[@]}" --accelerators loas,spinalflow --equal-area --for "$halved"
grep -q "comes nearer" out.txt && fail "--for $halved does not make it as large"
for command in "explain several" "cost several" "diff several several"; do
    expect 2 "name one of them: several/loas, several/spinalflow, several/ptb" "$vp" $command
done
less=("$vp" compare "${small_v_l8[@]}" --accelerators loas,ptb --equal-area --out several)
expect 2 "--out several: holds a comparison with spinalflow, too" "${less[@]}"
expect 0 "ptb" "${less[@]}" --force
[ ! -e several/spinalflow ] || fail "a design that is no longer compared stays beside the comparison"
# Whoever is refused finds what was there as it was.
"$vp" run "${small_v_l8[@]}" --set accelerator=stellar --out several/stellar > /dev/null || fail "run"
cp -r several before
expect 2 "--out several/stellar: holds the result" "$vp" compare "${small_v_l8[@]}" --accelerators loas,ptb,stellar --equal-area \
    --out several
for wrong in --log=/proc/x --trace=dram=/proc/x --save-outputs=/proc/x; do
    expect 2 "cannot write to /proc" "$vp" run "${small_v_l8[@]}" --set accelerator=stellar --out several/stellar "$wrong"
done
diff -r before several || fail "a refusal changed what was there"

# A reset is of spiking neurons: ReLU has none, whatever the layer says.
for reset in soft delayed; do
    expect 0 "Golden model: equal" "$vp" compare "${small_v_l8[@]}" --accelerators loas,sparten-ann,gamma-ann \
        --set layer.reset=$reset
done

# Version and options.
expect 0 "loas-vp" "$vp" --version
expect 0 "tppe.count" "$vp" options
expect 0 '"tppe.count"' "$vp" options --json

# What changed between two results.
expect 0 "0 of " "$vp" diff one two
expect 1 "tppe.count" "$vp" diff one tiles
expect 1 "layers.conv2.cycles" "$vp" diff one tiles --json
expect 0 '"figures": []' "$vp" diff one one/results.json --json
mkdir -p nearly && sed 's/"simulated_ns": \([0-9]*\)/"simulated_ns": \11/' one/results.json > nearly/results.json
expect 1 "simulated_ns" "$vp" diff one nearly --all
sed 's/"simulated_ns": \([0-9]*\)[0-9]/"simulated_ns": \19/' one/results.json > nearly/results.json
expect 0 "0 of " "$vp" diff one nearly --tolerance 0.5
expect 2 "which two results" "$vp" diff one
expect 2 "not a whole result file" "$vp" diff one torn
expect 2 "--tolerance" "$vp" diff one two --tolerance -1

# A network alone: what is guessed and what blocks cost stand above the rest; a missing file comes before anything else.
own=$source/scenarios/own-network
alone=("$vp" run "$own/residual.nir" --inputs "$source/scenarios/quickstart/digits_images.npy" --set workload.max_images=1
    --quiet --out alone --force)
expect 0 "Warning: what a spike leaves is guessed, hard reset" "${alone[@]}"
[ "$(head -c 8 out.txt)" = Warning: ] || fail "the warning is not at the top"
expect 0 "Warning: that 1 in the inputs is 1 to the network is guessed" "${alone[@]}"
expect 0 "Golden model: equal" "${alone[@]}" --set workload.reset=hard --set workload.input_scale=0.0625
grep -q guessed out.txt && fail "a guess, though all is said"
awk 'length > 100' err.txt out.txt | grep . && fail "lines of more than 100 columns"
expect 2 "no such file" "${alone[@]}" --labels nowhere.npy
expect 2 "no such file" "$vp" check "$own/residual.nir" --inputs nowhere.npy
sixteen=("$own/events.nir" --inputs "$own/events.npz" --set workload.timesteps=16)
expect 0 "Warning: the 16 timesteps of an input run in 4 blocks of 4" "$vp" check "${sixteen[@]}"
expect 0 "with tppe.max_timesteps = 16 it would be one block" "$vp" run "${sixteen[@]}" --quiet --timing lt --out blocks \
    --set workload.max_images=1 --calibrate 81
tr -s '\n ' ' ' < err.txt | grep -qF "calibrated by 80 images, as there are no more (workload.calibrate = 81)" || fail "81 of 80 images"
expect 2 "wider hardware needs no blocks: --set tppe.max_timesteps=16" "$vp" check "${sixteen[@]}" --set accelerator=gospa-snn

# The published evaluation: a network alone, and mistakes.
expect 0 '"schema": "loas-vp.scoreboard/1"' "$vp" published alexnet --seeds 1 --json --out page.md
grep -q "^| A-L4 |" page.md || fail "no table in the page of published"
expect 2 "did you mean 'alexnet'?" "$vp" published alexnt
expect 2 "--seeds" "$vp" published alexnet --seeds 0
expect 2 "published_results.json" "$vp" published alexnet --scenarios "$work"
expect 2 "is not a folder" "$vp" published alexnet --seeds 1 --out "$digits/x.md"
expect 2 "not a file that could be written" "$vp" published alexnet --seeds 1 --out .
mkdir -p data/networks data/published
cp "$source/scenarios/networks/alexnet.toml" data/networks
echo '{"networks":{"alexnet":{"designs":{}}}}' > data/published/published_results.json
expect 2 "damaged" "$vp" published alexnet --seeds 1 --scenarios data
echo '[]' > data/published/published_results.json
expect 2 "damaged" "$vp" published alexnet --seeds 1 --scenarios data
cp "$source/scenarios/published/published_results.json" data/published
sed -i 's/"Layer_2"/"Layer_99"/' data/networks/alexnet.toml
expect 2 "'Layer_99' is not a layer" "$vp" published alexnet --seeds 1 --scenarios data

# The user's mistakes: exit code 2, what and where, and nothing written.
expect 2 "no command" "$vp"
expect 2 "did you mean 'run'?" "$vp" rum
expect 2 "did you mean --quiet?" "$vp" run "$digits" --quite
expect 2 "which file?" "$vp" run
expect 2 "missing.toml" "$vp" run missing.toml
expect 2 "did you mean 'tppe.count'?" "$vp" run "$digits" --set tppe.cuont=4
expect 2 "tppe.count" "$vp" run "$digits" --set tppe.count=0
expect 2 "expected an integer" "$vp" run "$digits" --set tppe.count=many
expect 2 "workload.timesteps" "$vp" run "$digits" --set workload.timesteps=321
expect 2 "cache.ways" "$vp" run "$digits" --set cache.ways=2048
expect 2 "power of two" "$vp" run "$digits" --set cache.banks=3
expect 2 "dram.row_bytes" "$vp" run "$digits" --set dram.row_bytes=64 --set dram.channel_bits=512
expect 2 "is more than the 64 banks" "$vp" run "$digits" --set dram.banks_per_group=64
expect 2 "dram.lose_response needs" "$vp" run "$digits" --set dram.lose_response=3 --set memory.backend=fixed
expect 2 "dram.t_refi_ns" "$vp" run "$digits" --set dram.t_refi_ns=1000 --set dram.t_rfc_ns=50 --set dram.t_rrd_ns=1000
expect 2 "dram.t_refi_ns" "$vp" run "$digits" --set dram.t_refi_ns=100
expect 2 "did you mean 'dram.channels'?" "$vp" run "$digits" --set dram.chanels=2
expect 2 "tppe.max_timesteps" "$vp" run "$digits" --set workload.timesteps=5 --set accelerator=gamma-snn
printf '[tppe]\ncount = 16\ncuont = 3\n' > wrong.toml
expect 2 "wrong.toml:3" "$vp" run wrong.toml
printf '[tppe\ncount = 16\n' > wrong.toml
expect 2 "wrong.toml:1" "$vp" run wrong.toml
head -c 5000 "$source/scenarios/quickstart/digits.nir" > short.nir
expect 2 "short.nir" "$vp" run "$digits" --set workload.network=short.nir
expect 2 "README.md" "$vp" run "$digits" --set workload.network="$source/README.md"
head -c 1000 "$source/scenarios/quickstart/digits_images.npy" > short.npy
expect 2 "short.npy" "$vp" run "$digits" --set workload.images=short.npy
expect 2 "digits_images.npy" "$vp" run "$digits" --set workload.labels="$source/scenarios/quickstart/digits_images.npy"
expect 2 "--out" "$vp" run "$digits" "${few[@]}" --out "$digits/x"
if [ -w /dev/full ]; then
    "$vp" options > /dev/full 2> err.txt
    [ $? -eq 2 ] || fail "a full disk behind standard output is not noticed"
fi
expect 2 "which folder" "$vp" run "$digits" "${few[@]}" --out ""
expect 2 "cannot be the name of a folder" "$vp" run "$digits" "${few[@]}" --set name=../x
for i in 1 2 3 4; do
    "$vp" run "$digits" "${few[@]}" --out together > /dev/null 2> together$i.txt ||
        grep -q "another run is writing there" together$i.txt || fail "runs into the same folder disturb each other" &
done
wait
cmp one/results.json together/results.json || fail "runs into the same folder leave another result"
[ ! -e results ] || fail "a failed run left results behind"

# What is found out after a simulation.
mkdir blocked && mkdir blocked/results.json
expect 2 "results.json" "$vp" run "$digits" "${few[@]}" --out blocked
[ -z "$(find blocked -type f)" ] || fail "a part of a file was left"
expect 2 "memory.ram_mib" "$vp" run "$v_l8" --quiet --set memory.ram_mib=1 --out small
expect 2 "raise memory.ram_mib. (gamma-snn)" "$vp" compare "$v_l8" --set memory.ram_mib=1 --quiet \
    --accelerators gamma-snn
# Not enough simulated time.
expect 4 "cpu.timeout_ms" "$vp" run "$digits" "${few[@]}" --set cpu.timeout_ms=1 \
    --set memory.backend=fixed --set memory.latency_ns=1000000 --out slow
# Nothing left to happen: at once, not after the driver's time-out, and with who waits for whom.
expect 4 "has not answered a read" "$vp" run "$digits" "${few[@]}" --set dram.lose_response=40 --out stuck
expect 4 "waits for a read" "$vp" run "$digits" "${few[@]}" --set dram.lose_response=40 --set cpu.completion=polling \
    --out stuck
[ ! -e stuck ] || fail "a stuck run left results behind"

if [ "$failures" -gt 0 ]; then
    echo "$failures failed"
    exit 1
fi
echo "the command line behaves"

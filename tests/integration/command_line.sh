#!/bin/bash
# loas-vp as a user meets it: results, exit codes, messages, files. usage: command_line.sh LOAS_VP SOURCE_DIR
set -u
vp=$1
source=$2
digits=$source/scenarios/quickstart/digits.toml
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail()
{
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# expect CODE TEXT COMMAND...: the exit code, and a text in what the command says
expect()
{
    local code=$1 text=$2
    shift 2
    "$@" > out.txt 2> err.txt
    local got=$?
    [ $got -eq "$code" ] || fail "exit code $got instead of $code: $* ($(head -c 300 err.txt))"
    grep -qF -- "$text" out.txt err.txt || fail "no '$text' from: $* ($(head -c 300 err.txt))"
}

few=(--set workload.max_images=5 --quiet)

# Two runs, a run of the dump, and a run from elsewhere give the same bytes.
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --out one
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --out two
cmp one/results.json two/results.json || fail "two runs differ"
"$vp" dump "$digits" --set workload.max_images=5 > dumped.toml || fail "dump"
expect 0 "Golden model: equal" "$vp" run dumped.toml --quiet --out three
cmp one/results.json three/results.json || fail "the dump's run differs"
"$vp" dump dumped.toml > again.toml && cmp dumped.toml again.toml || fail "dump of a dump differs"
"$vp" run "$digits" "${few[@]}" --json --out four > json.txt && cmp json.txt four/results.json || fail "--json"
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --set cpu.completion=polling --out polling
expect 0 "1 tiles" "$vp" run "$digits" "${few[@]}" --set tppe.count=1 --out tiles
expect 0 "Golden model: equal" "$vp" run "$digits" "${few[@]}" --set workload.single_spike_mask=true --out masked
expect 0 "published fidelity" "$vp" run "$digits" "${few[@]}" --set fidelity=published --out published
expect 0 "Golden model: not checked" "$vp" run "$digits" "${few[@]}" --set run.golden=false --out unchecked
[ "$(find one -type f | wc -l)" -eq 1 ] || fail "more than results.json was written"

# Help and version.
expect 0 "Usage" "$vp" --help
for command in run dump options; do
    expect 0 "Usage: loas-vp $command" "$vp" "$command" --help
done
expect 0 "loas-vp" "$vp" --version
expect 0 "tppe.count" "$vp" options
expect 0 '"tppe.count"' "$vp" options --json

# The user's mistakes: exit code 2, what and where, and nothing written.
expect 2 "no command" "$vp"
expect 2 "did you mean 'run'?" "$vp" rum
expect 2 "did you mean --quiet?" "$vp" run "$digits" --quite
expect 2 "which scenario file?" "$vp" run
expect 2 "missing.toml" "$vp" run missing.toml
expect 2 "did you mean 'tppe.count'?" "$vp" run "$digits" --set tppe.cuont=4
expect 2 "tppe.count" "$vp" run "$digits" --set tppe.count=0
expect 2 "expected an integer" "$vp" run "$digits" --set tppe.count=many
expect 2 "workload.timesteps" "$vp" run "$digits" --set workload.timesteps=17
expect 2 "tppe.max_timesteps" "$vp" run "$digits" --set workload.timesteps=5
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
    "$vp" run "$digits" "${few[@]}" --out together > /dev/null || fail "runs into the same folder disturb each other" &
done
wait
cmp one/results.json together/results.json || fail "runs into the same folder leave another result"
[ ! -e results ] || fail "a failed run left results behind"

# After a simulation AddressSanitizer takes the last coroutine's stack for the main one, and an exception makes it report a
# false error: these two throw after a simulation.
if grep -qa __asan_init "$vp"; then
    echo "SKIPPED under AddressSanitizer: a result file that cannot be written, a time-out"
else
    mkdir blocked && mkdir blocked/results.json
    expect 2 "results.json" "$vp" run "$digits" "${few[@]}" --out blocked
    [ -z "$(find blocked -type f)" ] || fail "a part of a file was left"
    # Not enough simulated time.
    expect 4 "cpu.timeout_ms" "$vp" run "$digits" "${few[@]}" --set cpu.timeout_ms=1 --set memory.latency_ns=1000000 --out slow
fi

if [ "$failures" -gt 0 ]; then
    echo "$failures failed"
    exit 1
fi
echo "the command line behaves"

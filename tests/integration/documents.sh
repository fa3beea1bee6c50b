#!/bin/bash
# Documents say what is true: outputs quoted in them are what the program prints, what they name exists (pages.py), the
# driver's example is the file that a test compiles. usage: documents.sh LOAS_VP SOURCE_DIR [--update], which writes the
# outputs and tables into the pages and draws the pictures.
set -u
source "$(dirname "$0")/checks.sh"
vp=$(realpath "$1")
source=$(realpath "$2")
update=${3-}

# What stands between "<!-- MARK" and the next "<!-- end", without the fences.
quoted()
{
    sed -n "\|<!-- $2|,\|<!-- end|p" "$1" | grep -v -e '^<!--' -e '^```'
}

# shown FILE MARK [PAGE]: what a program printed is what the page, README.md, shows under the mark.
shown()
{
    local page=$source/${3-README.md}
    if [ "$update" = --update ]; then
        { echo '```'; cat "$1"; echo '```'; } > fenced.txt
        sed -i -e "\|<!-- $2|,\|<!-- end|{\|<!-- |!d}" -e "\|<!-- $2|r fenced.txt" "$page"
    fi
    quoted "$page" "$2" > page.txt
    diff -u page.txt "$1" || fail "$page shows another output of $2"
}

cd "$work" || exit 1
"$vp" run "$source/scenarios/quickstart/digits.toml" --quiet --check-protocol | grep -v '^Written:' > shown.txt || fail "the quick start"
shown shown.txt "output: run scenarios/quickstart/digits.toml"
"$vp" explain results/digits | sed '/^conv3:/,$d' | sed '$d' > explained.txt || fail "explain"
shown explained.txt "output: explain"
(cd "$source" && "$vp" check scenarios/own-network/residual.nir) > checked.txt || fail "check"
shown checked.txt "output: check scenarios/own-network/residual.nir" scenarios/own-network/README.md
"$vp" compare "$source/scenarios/published/snn_vs_ann.toml" --accelerators loas,sparten-ann,gamma-ann --quiet > anns.txt ||
    fail "SNN against ANN"
shown anns.txt "output: compare scenarios/published/snn_vs_ann.toml" scenarios/published/SNN_VS_ANN.md
sed -n '/^| event /,/^\*\*/p' "$source/scenarios/published/RESULTS.md" | sed '/^\*\*/d' > events.txt
grep -q '^| multiply-accumulate' events.txt || fail "no energies of events in RESULTS.md"
events_page=$source/scenarios/published/SNN_VS_ANN.md
if [ "$update" = --update ]; then
    sed -i -e '/<!-- events of/,/<!-- end of events/{/<!-- /!d}' -e '/<!-- events of/r events.txt' "$events_page"
fi
quoted "$events_page" "events of" | diff -u - events.txt || fail "$events_page shows other energies of events"
for own in "residual 30" "events 20"; do
    set -- $own
    "$vp" run "$source/scenarios/own-network/$1.toml" --quiet --set workload.max_images=$2 | grep '^Accuracy' > own.txt || fail "$1"
    read -r _ correct _ images _ < own.txt
    [ "$images" -eq "$2" ] && [ $((100 * correct)) -ge $((90 * images)) ] || fail "$1: $(cat own.txt)"
done
awk 'length > 100 { exit 1 }' shown.txt || fail "the table is wider than 100 columns"
correct=$(sed -n 's/^Accuracy \([0-9]*\) of \([0-9]*\).*/\1 \2/p' shown.txt)
set -- $correct
[ "$2" -ge 360 ] && [ $((100 * $1)) -ge $((95 * $2)) ] || fail "accuracy $correct is below 95 % of at least 360 images"

# The pictures on the first screen.
python3 "$source/tests/results/pictures.py" "$vp" "$source" --digits results/digits/results.json ${update:+"$update"} ||
    fail "the pictures of README.md are stale"

# The counters of the result file.
"$vp" counters > counters.txt || fail "counters"
results_page=$source/platform/results/README.md
if [ "$update" = --update ]; then
    sed -i -e '/<!-- counters -->/,/<!-- end of counters -->/{/<!-- /!d}' -e '/<!-- counters -->/r counters.txt' "$results_page"
fi
quoted "$results_page" "counters" | diff -u - counters.txt || fail "platform/results/README.md shows other counters"
"$vp" options --layers > keys.txt
keys_page=$source/scenarios/networks/README.md
if [ "$update" = --update ]; then
    sed -i -e '/<!-- output: options --layers -->/,/<!-- end/{/<!-- /!d}' \
        -e '/<!-- output: options --layers -->/r keys.txt' "$keys_page"
fi
quoted "$keys_page" "output: options --layers" | diff -u - keys.txt ||
    fail "scenarios/networks/README.md shows other keys of a list of layers"

quoted "$source/sw/README.md" "example: tests/unit/sw/example_program.c" > example.txt
diff -u "$source/tests/unit/sw/example_program.c" example.txt || fail "sw/README.md shows another example program"

# Paths, subcommands, their options and parameters that any page names.
"$vp" options > options.txt
"$vp" options --json > options.json
"$vp" completion bash > completion.bash
python3 "$source/tests/integration/pages.py" "$source" completion.bash options.json || fail "pages name what does not exist"

# Every room of hardware is on the first page, every accelerator that a scenario can choose on theirs.
for room in "$source"/models/designs/*/ "$source"/models/*/; do
    room=${room%/}
    [ "${room##*/}" = base ] || grep -qE "^\| \[?${room#"$source"/}[] ]" "$source/README.md" || fail "README.md has no row for ${room#"$source"/}"
done
accelerators=$(sed -n '/^accelerator /,/^name/s/.*Default .* Allowed: //p' options.txt | head -1 | tr -d '|')
[ "$(echo "$accelerators" | wc -w)" -ge 6 ] || fail "no list of accelerators in the options"
for accelerator in $accelerators; do
    grep -qE "^\| \[?$accelerator[] ]" "$source/models/designs/README.md" || fail "no row for $accelerator"
done

[ "$failures" -eq 0 ] && echo "the documents are true"
exit $((failures > 0))

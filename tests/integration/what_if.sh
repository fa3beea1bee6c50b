#!/bin/bash
# The questions of scenarios/what-if: runs each sweep, compares its table with the one in the page, and holds it against what
# the answer beside it says. usage: what_if.sh LOAS_VP SOURCE_DIR [--update], which writes questions and tables into the page.
set -u
source "$(dirname "$0")/checks.sh"
vp=$(realpath "$1")
source=$(realpath "$2")
update=${3-}
folder=$source/scenarios/what-if
page=$folder/README.md
cd "$work" || exit 1

# What the page shows between the marks of a question: its words, from the file's first lines; the command; the table.
shown()
{
    sed '/^[^#]/,$d; s/^#/>/' "$folder/$1.toml"
    printf '\n```\n./vp sweep scenarios/what-if/%s.toml --table\n```\n\n' "$1"
    grep '^|' "$1.txt"
}

# in_page MARK: what stands in new.md is what the page has behind the mark.
in_page()
{
    grep -qF -- "<!-- $1 -->" "$page" || fail "scenarios/what-if/README.md does not ask $1"
    if [ "$update" = --update ]; then
        sed -i -e "/<!-- $1 -->/,/<!-- end -->/{/<!-- /!d}" -e "/<!-- $1 -->/r new.md" "$page"
    fi
    sed -n "/<!-- $1 -->/,/<!-- end -->/{/<!-- /!p}" "$page" | diff -u - new.md || fail "the page shows another $1"
}

# explored NAME ARGUMENT...: what dataflow says, without the machines and what the columns mean.
explored()
{
    local name=$1
    shift
    {
        printf '```\n./vp dataflow %s\n```\n\n```\n' "$*"
        (cd "$source" && "$vp" dataflow "$@") > explored.txt || fail "dataflow $*"
        sed -e '/^machine /,/^- /{/^- /!d}' -e '/^DRAM@C/,$d' explored.txt | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
        printf '```\n'
    } > new.md
    in_page "dataflow: $name"
}

# values QUESTION COLUMN [AXIS=VALUE]: the figures of a column, in the rows of a value
values()
{
    awk -F ' *[|] *' -v column="$2" -v axis="${3%%=*}" -v value="${3#*=}" '
        NR == 1 { for (i = 2; i < NF; ++i) at[$i] = i; if (!(column in at) || (axis != "" && !(axis in at))) exit 1 }
        NR > 2 && /^[|]/ && (axis == "" || $at[axis] == value) { print $at[column] }' "$1.txt"
}

# falls, rises QUESTION COLUMN [AXIS=VALUE]: from row to row, but for one in a hundred, and from the first to the last
falls() { goes "$1" "$2" "${3-}" 1; }
rises() { goes "$1" "$2" "${3-}" -1; }
goes()
{
    [ -e "$folder/$1.toml" ] || fail "no question $1"
    [ -e "$1.txt" ] || return # not among those that run here
    values "$1" "$2" "$3" | awk -v sign="$4" '
        NR == 1 { first = $1 } NR > 1 && sign * $1 > sign * before + 0.01 * before { bad = 1 } { before = $1 }
        END { exit bad || NR < 2 || sign * before >= sign * first }' || fail "$1: $2 $3 does not go as the answer says"
}

questions=$(cd "$folder" && grep -l '^base = ' -- *.toml | sed 's/\.toml$//')
[ "$(grep -c '^<!-- what-if: ' "$page")" -eq "$(wc -w <<< "$questions")" ] || fail "questions in the page without a sweep, or twice"
if grep -qa __asan_init "$vp"; then
    questions="cache dram_kinds timesteps single_spike_mask"
    echo "Under AddressSanitizer, which is slow, only these: $questions"
fi
for question in $questions; do
    "$vp" sweep "$folder/$question.toml" --table --quiet --out "points/$question" > "$question.txt" || fail "$question"
    shown "$question" > new.md
    in_page "what-if: $question"
done

explored "place of t" scenarios/layers/v_l8.toml --orders mnkt,mntk,mtnk,tmnk --capacity 64
explored "buffer" scenarios/layers/v_l8.toml --orders mntk,mtnk,nmtk,mtkn --capacity 8,64,256
explored "gustavson" scenarios/published/vgg16.toml --set workload.only=V-L5,V-L13 --orders mnkt,nmkt,mknt,nkmt
for network in alexnet vgg16; do
    "$vp" dataflow "$source/scenarios/published/$network.toml" --set fidelity=published --orders mnkt --json > "$network.json" ||
        fail "dataflow $network"
done
python3 "$source/tests/results/dataflow_ratios.py" "$source" alexnet.json vgg16.json > new.md || fail "ratios of the orders"
in_page "dataflow: published orders"

falls tiles cycles
falls tiles busy_share
rises chunk_bits cycles tppe.laggy_pipelined=false
falls chunk_bits empty_share tppe.laggy_pipelined=true
for pipelined in false true; do
    falls laggy_adders cycles tppe.laggy_pipelined=$pipelined
done
falls accumulator_sets cycles tppe.accumulator_sets=1
falls accumulator_sets a_mask_kib tppe.columns_per_sync=0
falls fifo_depth cycles layer.weight_sparsity=0.75
for policy in lru a-first random; do
    falls cache b_read_kib cache.policy=$policy
    rises cache leakage_uj cache.policy=$policy
done
falls cache_banks bank_conflict_cycles
falls dram_channels cycles dram.refresh_staggered=false
rises dram_channels refresh_share dram.refresh_staggered=true
falls dram_kinds cycles scheduler.prefetch_columns=8
falls prefetch waiting_share
for adders in 16 128; do
    rises timesteps cycles tppe.laggy_adders=$adders
    falls silent_ratio cycles tppe.laggy_adders=$adders
done
falls weight_sparsity cycles
falls weight_sparsity matches_a_cycle
for layer in V-L6 V-L8 V-L12; do
    falls single_spike_mask cycles workload.only=$layer
done
falls tiles_and_cache cycles cache.size_kib=128

[ "$failures" -eq 0 ] && echo "the what-ifs are as told"
exit $((failures > 0))

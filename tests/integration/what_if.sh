#!/bin/bash
# The tables of scenarios/README.md: runs every variant and compares, and holds each table against the direction that an
# architect expects. usage: what_if.sh LOAS_VP SOURCE_DIR [--update], which writes the tables into the page.
set -u
source "$(dirname "$0")/checks.sh"
vp=$(realpath "$1")
source=$(realpath "$2")
update=${3-}
base=$source/scenarios
page=$base/README.md
cd "$work" || exit 1

# First number of a key in the totals of results.json.
total()
{
    sed -n '/"totals"/,/"layers"/p' results.json | sed -n "s/^ *\"$1\": \([0-9.e-]*\),*$/\1/p" | head -n 1
}

# Sum of a group of counters in the totals.
group()
{
    sed -n '/"totals"/,/"layers"/p' results.json | sed -n "/\"$1\": {/,/}/p" | awk -F: 'NF == 2 { s += $2 } END { print s + 0 }'
}

# row LABEL SCENARIO OPTIONS...: a line of a table, and its cycles and DRAM bytes at the end of the lists
row()
{
    local label=$1 scenario=$2
    shift 2
    "$vp" run "$scenario" --json --check-protocol "$@" --out out > results.json || fail "$label: $scenario $*"
    local cycles read
    cycles=$(total cycles)
    read=$(group dram_read_bytes)
    cycles_seen+=("$cycles")
    read_seen+=("$read")
    awk -v label="$label" -v cycles="$cycles" -v busy="$(total tile_utilisation)" -v hits="$(total cache_hit_share)" \
        -v read="$read" -v a="$(total waiting_a)" -v b="$(total waiting_b)" -v refresh="$(total dram_refresh)" \
        -v conflicts="$(total bank_conflicts)" -v tiles=16 'BEGIN {
        printf "| %s | %d | %.1f | %.1f | %.1f | %.1f | %d |\n", label, cycles, 100 * busy,
            100 * (a + b + refresh) / (tiles * cycles), 100 * hits, read / 1024, conflicts }'
}

# falls NAME VALUES...: none is above the one before it by more than one in a hundred, and the last is below the first
falls()
{
    local name=$1 before=$2 first=$2
    shift
    for value in "$@"; do
        [ $((100 * value)) -le $((101 * before)) ] || fail "$name grows from $before to $value"
        before=$value
    done
    [ "$before" -lt "$first" ] || fail "$name does not fall: $*"
}

# table NAME LABEL: begins a table
table()
{
    echo "| $1 | cycles | busy % | waiting for operands % | cache hits % | DRAM read KiB | bank conflicts |"
    echo "|---|---|---|---|---|---|---|"
    cycles_seen=()
    read_seen=()
}

cache_size()
{
    table "cache, KiB"
    for size in 32 64 128 256 512 1024; do
        row $size "$base"/what-if/vgg16_l5.toml --set cache.size_kib=$size
    done
    falls "DRAM traffic with the cache's size" "${read_seen[@]}"
}

policy()
{
    table "policy at 128 KiB"
    for policy in lru a-first random; do
        row $policy "$base"/what-if/vgg16_l5.toml --set cache.size_kib=128 --set cache.policy=$policy
    done
}

banks()
{
    table banks
    for banks in 1 2 4 8 16 32; do
        row $banks "$base"/what-if/v_l8_fast_tiles.toml --set cache.banks=$banks
    done
    falls "time with banks" "${cycles_seen[@]}"
}

channels()
{
    table "HBM channels"
    for channels in 1 2 4 8 16; do
        row $channels "$base"/what-if/v_l8_fast_tiles.toml --set dram.channels=$channels
    done
    falls "time with channels" "${cycles_seen[@]}"
}

dram()
{
    table DRAM
    for kind in lpddr4 ddr4 hbm2; do
        printf 'include = ["%s/what-if/v_l8_fast_tiles.toml", "%s/memory/%s.toml"]\n' "$base" "$base" $kind > $kind.toml
        row $kind $kind.toml
    done
    falls "time from LPDDR4 by DDR4 to HBM2" "${cycles_seen[@]}"
}

prefetch()
{
    table "columns fetched ahead"
    for depth in 0 1 2 3 4 8 16 64 256; do
        row $depth "$base"/what-if/v_l8_fast_tiles.toml --set scheduler.prefetch_columns=$depth
    done
    falls "time with prefetch depth" "${cycles_seen[@]}"
}

refresh()
{
    table "channels refresh"
    row together "$base"/what-if/v_l8_fast_tiles.toml
    row "one after another" "$base"/what-if/v_l8_fast_tiles.toml --set dram.refresh_staggered=true
}

adders()
{
    table "laggy adders"
    for adders in 4 8 16 32 64 128; do
        row $adders "$base"/layers/v_l8.toml --set tppe.laggy_adders=$adders
    done
    falls "time with laggy adders" "${cycles_seen[@]}"
}

for question in cache_size policy banks channels dram prefetch refresh adders; do
    $question > $question.md
    sed -n "/<!-- what-if: $question -->/,/<!-- end -->/p" "$page" | grep '^|' > shown.md
    if [ "$update" = --update ]; then
        sed -i -e "/<!-- what-if: $question -->/,/<!-- end -->/{/^|/d}" -e "/<!-- what-if: $question -->/r $question.md" "$page"
    else
        diff -u shown.md $question.md || fail "scenarios/README.md shows another table of $question"
    fi
done
[ "$failures" -eq 0 ] && echo "the what-ifs are as told"
exit $((failures > 0))

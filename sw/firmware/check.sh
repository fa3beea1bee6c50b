#!/bin/sh
# Builds each program here for both CPUs as its users do, runs it and compares what it prints with its expected.txt; the
# device test runs on QEMU, too. usage: check.sh LOAS_VP [NAME...]
# Exit 0: all the same; 1: not; 77: the same, but there is no compiler for RV64, or no QEMU.
set -eu
vp=$1
shift
firmware=$(cd "$(dirname "$0")" && pwd)
cc=${CC:-cc}
riscv_cc=${RISCV_CC:-riscv64-unknown-elf-gcc}
warnings="-std=c11 -O2 -Wall -Wextra -Werror"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
code=0

# same NAME CPU: the program's text is what stands before the warnings and the table of the run
same()
{
    sed -E '/^(firmware|Warning): /,$d' "$work/out.txt" > "$work/text.txt"
    if ! cmp -s "$work/text.txt" "$firmware/$1/expected.txt"; then
        echo "$1 on $2: printed is not what expected.txt says:" >&2
        diff "$firmware/$1/expected.txt" "$work/text.txt" >&2 || true
        head -n 20 "$work/err.txt" >&2
        code=1
    fi
}

# simulated NAME WHERE FILE [OPTION...]
simulated()
{
    name=$1 where=$2 file=$3
    shift 3
    "$vp" run "$firmware/scenario.toml" --program "$file" --out "$work/results" --force --quiet "$@" \
        > "$work/out.txt" 2> "$work/err.txt" || { echo "$name on $where: exit code $?" >&2; code=1; }
    same "$name" "$where"
}

skipped=""
have_riscv=$(command -v "$riscv_cc" || true)
have_qemu=$(command -v qemu-system-riscv64 || true)
[ -n "$have_riscv" ] || skipped="$skipped no $riscv_cc;"
[ -n "$have_qemu" ] || skipped="$skipped no qemu-system-riscv64;"
[ $# -gt 0 ] || set -- $(cd "$firmware" && for each in */main.c; do dirname "$each"; done)
for name; do
    sources=$(echo "$firmware/$name"/*.c)
    if [ -e "$firmware/$name/network" ]; then # a network that is linked in
        "$vp" network-c "$firmware/../../$(cat "$firmware/$name/network")" > "$work/$name.c"
        sources="$sources $work/$name.c"
    fi
    if [ ! -e "$firmware/$name/rv64_only" ]; then
        # shellcheck disable=SC2046,SC2086
        $cc $warnings $("$vp" --print-cflags) -o "$work/$name.so" $sources $("$vp" --print-libs)
        simulated "$name" native "$work/$name.so"
    fi
    [ -n "$have_riscv" ] || continue
    # shellcheck disable=SC2046,SC2086
    $riscv_cc $warnings $("$vp" --print-cflags=rv64) -o "$work/$name.elf" $sources $("$vp" --print-libs=rv64)
    simulated "$name" rv64 "$work/$name.elf"
    if [ "$name" = device_test ] && [ -n "$have_qemu" ]; then
        timeout 60 qemu-system-riscv64 -M virt -bios none -display none -serial stdio -monitor none \
            -kernel "$work/$name.elf" > "$work/out.txt" 2> "$work/err.txt" || { echo "$name on QEMU: exit code $?" >&2; code=1; }
        same "$name" QEMU
    fi
done
# The watchdog bites on both CPUs.
for program in "$work"/watchdog.so "$work"/watchdog.elf; do
    [ -e "$program" ] || continue
    "$vp" run "$firmware/scenario.toml" --program "$program" --out "$work/results" --force --quiet -- bite > "$work/out.txt" 2> "$work/err.txt" &&
        { echo "$program: nothing bites" >&2; code=1; }
    grep -q "by the watchdog" "$work/err.txt" || { echo "$program: ended otherwise" >&2; code=1; }
done

# Every design computes the same, whoever drives it.
if [ -e "$work/two_layers.so" ]; then
    for design in $("$vp" options | sed -n '/^accelerator /,/Allowed/s/.*Allowed: //p' | tr '|' ' '); do
        for program in "$work"/two_layers.so "$work"/two_layers.elf; do
            [ -e "$program" ] || continue
            simulated two_layers "$design" "$program" --set "accelerator=$design"
            grep -q "Golden model: equal" "$work/out.txt" || { echo "two_layers on $design: not golden" >&2; code=1; }
        done
    done
fi
if [ $code -eq 0 ] && [ -n "$skipped" ]; then
    echo "firmware: in part only:$skipped" >&2
    code=77
fi
exit $code

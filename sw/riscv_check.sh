#!/bin/sh
# Cross-compiles the software for RV64 without a libc and checks its size: at most 32 KiB of code and constants, no
# .data, no .bss (no mutable state of its own). Exit 0: good, 1: not, 77: skipped, no compiler.
set -eu

sw=$(cd "$(dirname "$0")" && pwd)
prefix=${RISCV_PREFIX:-riscv64-unknown-elf-}
limit=32768

if ! command -v "${prefix}gcc" >/dev/null 2>&1; then
    echo "riscv_check: skipped, ${prefix}gcc was not found (set RISCV_PREFIX to use another toolchain)" >&2
    exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/view"
for room in abi hal driver runtime apps; do
    ln -s "$sw/$room" "$work/view/$room"
done

for source in "$sw"/driver/*.c "$sw"/runtime/*.c "$sw"/apps/*.c; do
    room=$(basename "$(dirname "$source")")
    if ! "${prefix}gcc" -std=c11 -ffreestanding -march=rv64imac -mabi=lp64 -mcmodel=medany -Os \
        -Wall -Wextra -Wconversion -Werror -I "$work/view" -c "$source" -o "$work/$room-$(basename "$source" .c).o"; then
        echo "riscv_check: $source does not compile" >&2
        exit 1
    fi
done

"${prefix}size" -t "$work"/*.o
# last line of size: text data bss dec hex (TOTALS)
set -- $("${prefix}size" -t "$work"/*.o | tail -n 1)
text=$1
data=$2
bss=$3
echo "riscv_check: text $text, data $data, bss $bss bytes (limit: text $limit, no data, no bss)"
if [ "$text" -gt "$limit" ] || [ "$data" -ne 0 ] || [ "$bss" -ne 0 ]; then
    echo "riscv_check: over the limit" >&2
    exit 1
fi

#!/bin/sh
# Compiles the software for RV64 into a static library.
# usage: rv64_library.sh COMPILER SW_DIR OUTPUT_DIR [FLAG...]
set -eu
compiler=$1 sw=$2 out=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for source in "$sw"/driver/*.c "$sw"/runtime/*.c "$sw"/apps/*.c "$sw"/hal/rv64/*.c "$sw"/hal/rv64/*.S; do
    folder=${source%/*}
    "$compiler" --specs=picolibc.specs -std=c11 -march=rv64imac -mabi=lp64 -misa-spec=2.2 -mcmodel=medany -O2 -g \
        -ffunction-sections -fdata-sections -Wall -Wextra -Wconversion "$@" \
        -I "$sw" -c "$source" -o "$work/${folder##*/}_${source##*/}.o"
done
mkdir -p "$out"
rm -f "$out/libloas.a"
"${compiler%gcc}ar" rcs "$out/libloas.a" "$work"/*.o
cp "$sw/hal/rv64/program.ld" "$sw/hal/rv64/board.ld" "$out"

#!/bin/bash
# A program of one's own from an empty folder: made, built and run, natively and on RV64, with no path typed; from the
# build tree and from an installed one. usage: new_program.sh LOAS_VP BUILD_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
build=$2
cd "$work" || exit 1

# made LOAS_VP NAME
made()
{
    expect 0 "$2 is ready" "$1" new-program "$2"
    (cd "$2" && make > make.txt 2>&1) || fail "$2: make: $(head -c 500 "$2/make.txt")"
    if grep -q warning "$2/make.txt"; then fail "$2: warnings: $(head -c 500 "$2/make.txt")"; fi
    expect 0 "row 1, neuron 1: spikes 3" make -C "$2" run
    expect 0 "Golden model: equal" make -C "$2" run
    if [ -e "$2/program.elf" ]; then
        expect 0 "row 1, neuron 1: spikes 3" make -C "$2" run-rv64
        expect 0 "CPU (rv64)" make -C "$2" run-rv64
    fi
}

made "$vp" one
cmake --install "$build" --prefix "$work/prefix" > install.txt 2>&1 || fail "cmake --install: $(head -c 500 install.txt)"
made "$work/prefix/bin/loas-vp" two
[ -e prefix/bin/loas_hdf5.so ] || fail "the reader of HDF5 files is not installed"
grep -q "$build" two/Makefile && fail "the installed loas-vp names the build tree"
"$work/prefix/bin/loas-vp" --print-cflags | grep -q "$work/prefix/share" || fail "the installed headers are not used"

expect 2 "is there already" "$vp" new-program one
expect 2 "which file?" "$vp" new-program
touch file
expect 2 "is there already" "$vp" new-program file
expect 2 "cannot be made" "$vp" new-program file/x
expect 2 "for which CPU?" "$vp" --print-cflags=arm
expect 2 "unknown command" "$vp" --print-cflags rv64
expect 2 "only a trained network" "$vp" network-c "$source/scenarios/layers/v_l8.toml"
[ $failures -eq 0 ] || exit 1
command -v riscv64-unknown-elf-gcc > /dev/null || { echo "not on RV64: no riscv64-unknown-elf-gcc" >&2; exit 77; }

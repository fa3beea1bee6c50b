#!/bin/bash
# The forms in which the board is described agree with what others make of them, and a program gets its device tree.
# usage: board.sh LOAS_VP SOURCE_DIR. Exit 77: good, but a tool is not there.
set -u
source "$(dirname "$0")/checks.sh"
vp=$(realpath "$1")
source=$(realpath "$2")
cd "$work" || exit 1
skipped=""

cat > board.toml <<'EOF'
name = "board"
[memory]
ram_mib = 64
[queue]
rings = 2
EOF
expect 0 "0x0C000000" "$vp" map
expect 0 "#define LOAS_BOARD_PLIC_BASE 0x0C000000u" "$vp" map --as header
expect 0 "RAM (rwx) : ORIGIN = 0x80000000, LENGTH = 64M" "$vp" map board.toml --as regions
expect 0 "RAM (rwx) : ORIGIN = 0x80000000, LENGTH = 3M" "$vp" map board.toml --set memory.ram_mib=3 --as regions
expect 0 "reg = <0x0 0x80000000 0x0 0x4000000>;" "$vp" map board.toml --as dts
expect 0 "interrupts = <0x20 0x21>;" "$vp" map board.toml --as dts
expect 0 "interrupts = <0x20>;" "$vp" map board.toml --set queue.rings=1 --as dts
expect 2 "there are table, header" "$vp" map --as picture
expect 2 "one scenario" "$vp" map board.toml board.toml

# dtc makes of the source what the binary form is, and has nothing to complain of but phandles that are numbers.
if command -v dtc > /dev/null; then
    "$vp" map board.toml --as dts > ours.dts
    "$vp" map board.toml --as dtb > ours.dtb
    dtc -I dts -O dtb -W no-interrupts_extended_property ours.dts -o theirs.dtb 2> err.txt || fail "dtc: $(cat err.txt)"
    [ ! -s err.txt ] || fail "dtc: $(cat err.txt)"
    for each in ours theirs; do dtc -q -I dtb -O dts $each.dtb > $each.txt || fail "dtc does not read $each.dtb"; done
    cmp ours.txt theirs.txt || fail "the device tree's two forms differ"
else
    skipped="$skipped no dtc;"
fi

# Each register of the pages is in the views, with its address; one a ring for the accelerator's.
"$vp" registers > registers.txt
"$vp" map board.toml --as svd > board.svd
python3 - << 'EOF' || fail "the register views"
import re, sys, xml.etree.ElementTree as xml
views = {}
for peripheral in xml.parse("board.svd").iter("peripheral"):
    base = int(peripheral.findtext("baseAddress"), 16)
    for register in peripheral.iter("register"):
        views.setdefault(base, set()).add(int(register.findtext("addressOffset"), 16))
pages = {}
for line in open("registers.txt"):
    if found := re.match(r".* at (0x[0-9a-f]+)$", line):
        offsets = pages.setdefault(int(found[1], 16), set())
    elif found := re.match(r"\| (0x[0-9A-F]+) \|", line):
        offsets.add(int(found[1], 16))
pages[0x40001000] = pages[0x40000000]  # the second ring
assert len(pages) >= 7 and views == pages, (views, pages)
EOF

# a0 and a1 at the program's entry, here and on QEMU.
if command -v riscv64-unknown-elf-gcc > /dev/null; then
    cat > entry.S << 'EOF'
    .globl _start
_start:
    li t0, 0x100000
    li t1, 0x33333 # fails with 3
    bnez a0, 1f
    lwu t2, 0(a1)
    li t3, 0xedfe0dd0 # the magic number of a device tree, which is big-endian
    bne t2, t3, 1f
    li t1, 0x5555
1:  sw t1, 0(t0)
    j 1b
EOF
    riscv64-unknown-elf-gcc -march=rv64imac -mabi=lp64 -nostdlib -Wl,--nmagic -Ttext=0x80000000 entry.S -o entry.elf || fail "entry.S"
    expect 0 "exit code 0 by the finisher" "$vp" run board.toml --program entry.elf --out out
    if command -v qemu-system-riscv64 > /dev/null; then
        timeout 60 qemu-system-riscv64 -M virt -bios none -display none -kernel entry.elf || fail "entry on QEMU: exit code $?"
    else
        skipped="$skipped no qemu-system-riscv64;"
    fi
else
    skipped="$skipped no riscv64-unknown-elf-gcc;"
fi
[ $failures -eq 0 ] || exit 1
[ -z "$skipped" ] || { echo "board: in part only:$skipped" >&2; exit 77; }

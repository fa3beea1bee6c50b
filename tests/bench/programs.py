#!/usr/bin/env python3
"""Speed of the RV64 CPU in a whole machine, by main.c in programs/: instructions a second of an integer program, host
time of an access to a device, time from the start of the process to the program's first word.

The least of some runs counts, for others use the machine too. Instructions and turns are those of a long run less those
of a short one, so that the start of the process is in neither."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("loas_vp", type=pathlib.Path)
parser.add_argument("--repetitions", type=int, default=9)
given = parser.parse_args()
vp = str(given.loas_vp.resolve())


def tool(*arguments):
    return subprocess.run([vp, *arguments], check=True, capture_output=True, text=True).stdout.split()


def run(folder, program, arguments):
    """Processor seconds, seconds to the first word, instructions."""
    began = time.monotonic()
    with open(folder / "log.txt", "w") as log:
        process = subprocess.Popen([vp, "run", folder / "scenario.toml", "--program", program, "--out", folder / "out",
                                    "--quiet", "--", *arguments], stdout=subprocess.PIPE, stderr=log)
    first = process.stdout.read(1)
    to_first = time.monotonic() - began
    said = first + process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or not said.startswith(arguments[0].encode() + b": "):
        sys.exit(f"programs.py: {' '.join(arguments)}: exit code {process.returncode}\n" + (folder / "log.txt").read_text())
    told = json.loads((folder / "out/results.json").read_text())["program"]
    return used.ru_utime + used.ru_stime, to_first, told["instructions"]


def least(folder, program, arguments):
    found = [run(folder, program, arguments) for _ in range(given.repetitions)]
    return min(each[0] for each in found), min(each[1] for each in found), found[0][2]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "scenario.toml").write_text('name = "bench"\n[run]\nsimulated_timeout_ms = 100000\n')
    program = folder / "bench.elf"
    subprocess.run([os.environ.get("RISCV_CC", "riscv64-unknown-elf-gcc"), "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror",
                    *tool("--print-cflags=rv64"), "-o", program, here / "programs/main.c", *tool("--print-libs=rv64")],
                   check=True)
    begin_s, to_first_s, _ = least(folder, program, ["first"])
    short_s, _, few = least(folder, program, ["integer", "1"])
    long_s, _, many = least(folder, program, ["integer", "40"])
    turns = 3000000
    poll_s, _, with_turns = least(folder, program, ["poll", str(turns)])
    _, _, without = least(folder, program, ["poll", "0"])
    print("| | |\n|---|---|")
    print(f"| an integer program, million instructions a second | {(many - few) / (long_s - short_s) / 1e6:.0f} |")
    print(f"| a turn of a loop that polls a register of the accelerator, {(with_turns - without) / turns:.0f} instructions, ns "
          f"| {(poll_s - begin_s) / turns * 1e9:.0f} |")
    print(f"| from the start of the process to the program's first word, ms | {to_first_s * 1e3:.0f} |")

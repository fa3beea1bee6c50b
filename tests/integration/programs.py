#!/usr/bin/env python3
"""Programs of one's own on the host CPU, `loas-vp run --program`: how they end is told, whatever they do, and what they
ran on the accelerator is in the result. The RV64 half is skipped, visibly, where there is no compiler for it.
usage: programs.py LOAS_VP SOURCE_DIR
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VP, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
HERE = SOURCE / "tests/integration/programs"
WORK = pathlib.Path(tempfile.mkdtemp())
failures = 0


def check(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what, file=sys.stderr)


def run(program, *arguments, options=(), scenario="p.toml"):
    """Exit code, standard output, standard error, result."""
    shutil.rmtree(WORK / "out", ignore_errors=True)
    done = subprocess.run([VP, "run", scenario, "--program", program, "--out", "out", "--quiet", *options, "--", *arguments],
                          cwd=WORK, capture_output=True, text=True, timeout=100)
    file = WORK / "out/results.json"
    said = re.sub(r"\n  (?=\S)", " ", done.stderr)  # a message as it was before it became lines
    return done.returncode, done.stdout, said, json.loads(file.read_text()) if file.exists() else None


def ends(program, argument, code, *words, options=()):
    answer, _, errors, _ = run(program, argument, options=options)
    check(answer == code, f"{program} {argument}: exit code {answer} instead of {code}: {errors}")
    for word in words:
        check(word in errors, f"{program} {argument}: no '{word}' in: {errors}")


def in_order(log, what):
    """The log's lines with their times, which never go back."""
    times = [float(line.split(" us")[0]) for line in log.splitlines()]
    check(times and times == sorted(times), f"{what}: times of the log go back")
    return log.splitlines()


def build(compiler, output, sources, *options):
    subprocess.run([compiler, "-O1", "-fno-optimize-sibling-calls", "-I", SOURCE / "sw",
                    "-I", SOURCE, *options, *sources, "-o", WORK / output], check=True, cwd=WORK)


(WORK / "p.toml").write_text('name = "p"\n[run]\nsimulated_timeout_ms = 5\n')

# The native CPU.
sw = [*sorted((SOURCE / "sw/driver").glob("*.c")), *sorted((SOURCE / "sw/runtime").glob("*.c"))]
build("cc", "n.so", [HERE / "native.c", SOURCE / "tests/unit/sw/example_program.c", *sw], "-shared", "-fPIC")
code, said, errors, result = run("n.so", "layer")
check(code == 0 and result is not None, f"layer: {errors}")
if result is not None:
    check(result["golden"] == "equal" and [layer["runs"] for layer in result["layers"]] == [1], "layer: not one, equal")
    check(result["program"]["exit_code"] == 0 and result["program"]["cpu"] == "native", "layer: no program in the result")
    check(result["program"]["waiting_ns"] > 0 and result["totals"]["cycles"] > 0, "layer: no times")
    check("exit code 0 by main" in said, "layer: nothing of the program in the table")
# The event log: all of it in a file, and the end of it where a run fails.
code, _, errors, _ = run("n.so", "layer", options=["--log=log.txt"])
log = (WORK / "log.txt").read_text() if (WORK / "log.txt").exists() else ""
for word in ("write accelerator QUEUE_TAIL", "descriptor: run layer, cookie", "completion: cookie 0, entry 0, sequence 1",
             "interrupt 32 up", "external interrupt up", "external interrupt down", "loas_submit", "ENABLE 1"):
    check(word in log, f"log: no '{word}' in: {log[:2000]} {errors}")
check(errors == "", f"log: {errors}")
in_order(log, "native")
code, _, errors, _ = run("n.so", "layer", options=["--log"])
check(code == 0 and errors == log, "log: not the same on standard error")
code, _, errors, _ = run("n.so", "poll")
check(errors.count("read accelerator STATUS") == 50 + errors.count("last access"), f"log: not the last 50 events: {errors}")
code, said, errors, result = run("n.so", "other", "two words \\")
check(code == 3 and "2 arguments, the last one 'two words \\'" in said, f"arguments: {said}")
check(result is not None and result["program"]["exit_code"] == 7, "exit code of main")
check(result is not None and result["golden"] == "not checked", "golden, where no layer ran")
ends("n.so", "null", 3, "write_through_null", "address 0x0")
ends("n.so", "deep", 3, "call_deeper", "stack is full")
ends("n.so", "abort", 3, "abort()")
ends("n.so", "compute", 4, "--host-timeout 0.5: ", options=["--host-timeout", "0.5"])
ends("n.so", "poll", 4, "run.simulated_timeout_ms", "poll_for_ever")
ends("n.so", "time", 4, "no simulated time passed", "ask_for_the_time_for_ever")
ends("n.so", "wait", 4, "loas_main")
check("3 arguments, the last one ''" in run("n.so", "other", '""', "")[1], "an empty argument, native")
check("3 arguments, the last one '\"\"'" in run("n.so", "other", "", '""')[1], "an argument of two quotes")
ends("n.so", "null", 3, "The last events before that", "write plic PRIORITY")
# What the native CPU is not meant for ends with words, too.
build("cc", "m.so", [HERE / "misuse.c", *sw], "-shared", "-fPIC", "-w")
ends("m.so", "pointer", 3, "address 0x0", "callback in loas_main")
ends("m.so", "source", 3, "address 0x10", "callback in loas_main")
ends("m.so", "context", 3, "another context")
ends("m.so", "cause", 4, "no simulated time", "handler")
ends("m.so", "exit", 3, "exit(0)")
if b"__asan_init" not in pathlib.Path(VP).read_bytes():  # whose heap is another one
    ends("m.so", "heap", 3, "abort()")
ends("m.so", "thread", 3, "thread")
check(run("m.so", "code", "-1")[3]["program"]["exit_code"] == 0xffff, "exit code -1")
check(run("m.so", "code", "65536")[3]["program"]["exit_code"] == 1, "exit code 65536")
build("c++", "t.so", [HERE / "throws.cpp"], "-shared", "-fPIC")
check(run("t.so")[0] == 3, "an exception")
ends("t.so", "int", 3, "loas_main has thrown")
ends("t.so", "handler", 3, "a handler of interrupts has thrown")
(WORK / "text.so").write_text("no program")
ends("text.so", "x", 2, "text.so", "neither an ELF file for RV64 nor a shared object")
(WORK / "short.so").write_bytes(b"\x7fEL")
ends("short.so", "x", 2, "short.so", "neither an ELF file for RV64 nor a shared object")
build("cc", "empty.so", [SOURCE / "sw/driver/text.c"], "-shared", "-fPIC")
ends("empty.so", "x", 2, "loas_main()")
ends("gone.so", "x", 2, "gone.so")
os.mkfifo(WORK / "pipe.so")
ends("pipe.so", "x", 2, "pipe.so")
ends("n.so", "layer", 2, "no_folder", options=["--semihosting", "no_folder"])

build("cc", "both.so", [HERE / "both.c", SOURCE / "tests/unit/sw/example_program.c", *sw], "-shared", "-fPIC")
code, native_said, errors, native = run("both.so")
check(code == 0 and native is not None and native["golden"] == "equal" and native["layers"][0]["runs"] == 3,
      f"both, native: {errors}")
sixteen = ["--set", "memory.ram_mib=16"]
answers = "-1 -1, -1 -1, 0 0, 10 to 16 MiB"
code, said, errors, _ = run("both.so", "memory", options=sixteen)
check(code == 0 and said.split("\n")[0] == answers, f"memory, native: {said} {errors}")

compiler = "riscv64-unknown-elf-gcc"
if shutil.which(compiler) is None:
    print(f"RV64 is skipped: no {compiler}")
    sys.exit(1 if failures else 77)

build(compiler, "r.elf", [HERE / "start.S", HERE / "ends.c"], "-march=rv64imac", "-mabi=lp64", "-misa-spec=2.2",
      "-mcmodel=medany", "-ffreestanding", "-nostdlib", "-nostartfiles", "-T", HERE / "link.ld")
code, said, errors, result = run("r.elf", "well")
check(code == 0 and said.startswith("all is well\n"), f"well: {said} {errors}")
check(result is not None and result["program"]["instructions"] > 100 and result["program"]["cpu"] == "rv64", "well: result")
check(result is not None and result["program"]["ended_by"] == "semihosting", "well: who ended it")
code, said, errors, result = run("r.elf", "a b", "c")
check(code == 3 and said.startswith("r.elf a\\ b c"), f"arguments: {said}")
check(result is not None and result["program"]["exit_code"] == 7, "exit code of main")
ends("r.elf", "null", 3, "store access fault", "value 0x0)", "write_through_null", "no handler")
ends("r.elf", "null", 3, "The last events before that", "write_through_null+0x", "store access fault (cause 7, value 0x0)")
ends("r.elf", "wild", 3, "instruction access fault", "0x12345678", "no function")
ends("r.elf", "deep", 3, "store access fault", "call_deeper")
ends("r.elf", "compute", 4, "run.simulated_timeout_ms", "compute_for_ever")
ends("r.elf", "poll", 4, "run.simulated_timeout_ms", "poll_for_ever", "accelerator STATUS", "alike")
ends("r.elf", "wfi", 4, "wfi", "mie 0x8", "in main")
ends("r.elf", "compute", 4, "run.host_timeout_s", "compute_for_ever",
     options=["--set", "run.host_timeout_s=1", "--set", "run.simulated_timeout_ms=1000000"])
(WORK / "files").mkdir()
(WORK / "files/in.txt").write_text("12345")
(WORK / "secret.txt").write_text("secret")
(WORK / "files/link.txt").symlink_to(WORK / "secret.txt")
(WORK / "files/new.txt").symlink_to(WORK / "outside.txt")
os.mkfifo(WORK / "files/pipe")
code, _, errors, _ = run("r.elf", "files", options=["--semihosting", "files"])
check(not (WORK / "outside.txt").exists(), "files: written through a link that leads out of the folder")
check(code == 0 and (WORK / "files/out.txt").read_text() == "12345", f"files: {errors}")
code, _, _, _ = run("r.elf", "files")
check(code == 3, "files without a folder")

# The UART: files, standard input, a pseudo-terminal.
(WORK / "typed.txt").write_text("from a file.")
code, said, errors, _ = run("r.elf", "echo", options=["--set", "uart.input=typed.txt", "--set", "uart.output=sent.txt"])
check(code == 0 and (WORK / "sent.txt").read_text() == "from a file.", f"echo, files: {errors}")
check("from a file" not in said, "echo, files: on the console too")
code, _, errors, _ = run("r.elf", "echo", options=["--set", "uart.input=typed.txt", "--set", "uart.output=/dev/full"])
check(code == 2 and "uart.output: cannot write all of it" in errors, f"uart.output on a full disk: {code}, {errors}")
done = subprocess.run([VP, "run", "p.toml", "--program", "r.elf", "--quiet", "--set", "uart.port=terminal", "--", "echo"],
                      cwd=WORK, capture_output=True, text=True, input="typed in.", timeout=100)
check(done.returncode == 0 and done.stdout.startswith("typed in."), f"echo, terminal: {done.stderr}")
child = subprocess.Popen([VP, "run", "p.toml", "--program", "r.elf", "--quiet", "--set", "uart.port=pty", "--set",
                          "run.simulated_timeout_ms=1000000", "--", "echo"], cwd=WORK, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True)
terminal = os.open(child.stderr.readline().split()[-1], os.O_RDWR | os.O_NOCTTY)
os.write(terminal, b"by pty")
said = b""
while len(said) < 6:
    said += os.read(terminal, 100)
os.write(terminal, b".")
check(child.wait(timeout=60) == 0 and said == b"by pty", f"echo, pty: {said}")
child.stderr.close()
os.close(terminal)

# The same program does the same at the same time, whatever the quantum is, and with and without pointers to RAM.
seen = set()
for options in (["quantum_ns=1"], ["quantum_ns=100"], ["quantum_ns=10000"], ["pointers=false"], ["quantum_ns=10000"]):
    _, said, _, result = run("r.elf", "count", options=["--set", "cpu." + options[0]])
    check(result is not None, "count: no result")
    seen.add((said.split("\n")[0], json.dumps(result["program"]), result["simulated_ns"]) if result else None)
check(len(seen) == 1, f"count: different histories: {seen}")
_, _, _, slower = run("r.elf", "count", options=["--set", "cpu.clock_mhz=500"])
check(slower["simulated_ns"] > 1.8 * result["simulated_ns"], "clock")
_, _, _, slower = run("r.elf", "count", options=["--set", "cpu.mul_cycles=30"])
check(slower["simulated_ns"] > 1.2 * result["simulated_ns"], "mul_cycles")

# With the accelerator, which takes lines of memory into its cache and interrupts.
hal = SOURCE / "sw/hal/rv64"
build(compiler, "both.elf", [HERE / "both.c", SOURCE / "tests/unit/sw/example_program.c", *sw, *sorted(hal.glob("*.c")),
                             hal / "start.S"], "-march=rv64imac", "-mabi=lp64", "-misa-spec=2.2", "-mcmodel=medany",
      "-nostartfiles", "-specs=picolibc.specs", "-Wl,--no-warn-rwx-segments", "-L", hal, "-T", hal / "program.ld")
seen = set()
for options in (["quantum_ns=1"], ["quantum_ns=100"], ["quantum_ns=10000"], ["pointers=false"]):
    code, said, errors, result = run("both.elf", options=["--set", "cpu." + options[0]])
    check(code == 0 and result is not None, f"both, {options}: {errors}")
    if result is None:
        continue
    check(said.split("\n")[:3] == native_said.split("\n")[:3], f"both: other text: {said} {native_said}")
    check(result["golden"] == "equal" and result["layers"][0]["runs"] == 3 and result["program"]["devices_ns"] > 0,
          "both: not three layers, equal")
    del result["configuration"]
    seen.add(json.dumps(result))
check(len(seen) == 1, "both: different results for different quanta, or without pointers")
code, _, errors, result = run("both.elf", options=["--set", "cpu.memory=timed"])
check(code == 0 and result["golden"] == "equal", f"both, timed memory: {errors}")

code, said, errors, _ = run("both.elf", "memory", options=sixteen)
check(code == 0 and said.split("\n")[0] == answers, f"memory, RV64: {said} {errors}")
code, said, errors, _ = run("both.elf", options=["--set", "memory.ram_mib=1"])
check(code == 3 and "RAM ends at 0x80100000, and the program with its stack and malloc's memory at 0x80" in said,
      f"RAM that is too small for the program: {said} {errors}")

# The log: what falls by an access stands behind it, though the hart is ahead of the kernel's time; text is an event.
run("both.elf", options=["--log=log.txt"])
log = in_order((WORK / "log.txt").read_text(), "both")
lowered = [at for at, line in enumerate(log) if line.endswith("us  external interrupt down")]
check(lowered and all("read plic CLAIM" in log[at - 1] for at in lowered), "log: the line falls before its claim")
check(sum("uart sends: " in line for line in log) == 3 and any("write uart DATA" in line for line in log),
      "log: no lines of text, or not what sends them")
_, _, errors, _ = run("both.elf", options=["--set", "memory.ram_mib=1"])
check("uart sends: RAM ends at" in errors and " uart DATA" not in errors, f"log: last events are of the UART: {errors}")

# What a program may expect of its C library.
build(compiler, "c.elf", [HERE / "c_library.c", *sw, *sorted(hal.glob("*.c")), hal / "start.S"], "-march=rv64imac",
      "-mabi=lp64", "-misa-spec=2.2", "-mcmodel=medany", "-nostartfiles", "-specs=picolibc.specs",
      "-Wl,--gc-sections,--no-warn-rwx-segments", "-L", hal, "-T", hal / "program.ld", "-w")
for code in ("0", "5", "300"):
    answer, said, errors, result = run("c.elf", code)
    check(said.startswith("1 5 1 1, 1 arguments\n"), f"C library: {said} {errors}")
    check(answer == (3 if int(code) else 0) and result["program"]["exit_code"] == int(code), f"exit({code}): {errors}")
ends("c.elf", "deep", 3, "the program's last exception was: store access fault", "call_deeper")
run("c.elf", "deep", options=["--log=log.txt"])
log = in_order((WORK / "log.txt").read_text(), "deep")
check(any("store access fault" in line for line in log), "log: no exception")
for how in ("deep", "large", "huge"):
    check("the stack is full" in run("c.elf", how)[1], f"a full stack: {how}")
check(run("c.elf", "abort")[3]["program"]["exit_code"] == 134, "abort()")
check("1 calls, 0 nested" in run("c.elf", "handlers")[1], "a handler set in a handler")
check("3 arguments" in run("c.elf", "0", "", '""')[1], "an empty argument, RV64")
check("100 arguments" in run("c.elf", "0", *["0123456789"] * 99)[1], "many arguments")
check("room for" in run("c.elf", "0", "0" * 10000)[2], "a command line that is too long")

# What has no effect is named.
_, _, errors, _ = run("n.so", "layer", options=["--set", "cpu.mul_cycles=9", "--set", "cpu.clock_mhz=500", "--set",
                                                "cpu.timeout_ms=7"])
for key in ("cpu.mul_cycles", "cpu.clock_mhz", "cpu.timeout_ms"):
    check(key in errors, f"{key} on the native CPU is not said to be without effect: {errors}")
_, _, errors, _ = run("n.so", "layer", options=["--set", "uart.port=pty", "--set", "uart.output=gone.txt"])
check("uart.output" in errors and not (WORK / "gone.txt").exists(), f"uart.output beside a pty: {errors}")
_, _, errors, _ = run("r.elf", "well", options=["--set", "cpu.mul_cycles=9"])
check(errors == "", f"effects: {errors}")

# What does not go together is said.
done = subprocess.run([VP, "run", "p.toml", "--set", "cpu.kind=rv64", "--set", "workload.kind=layer"], cwd=WORK,
                      capture_output=True, text=True)
check(done.returncode == 2 and "--program" in done.stderr, f"rv64 without a program: {done.stderr}")
done = subprocess.run([VP, "run", "p.toml", "--set", "workload.kind=layer", "--", "a"], cwd=WORK, capture_output=True,
                      text=True)
check(done.returncode == 2 and "--program" in done.stderr, f"arguments without a program: {done.stderr}")
ends("r.elf", "well", 2, "r.elf", options=["--set", "cpu.kind=native"])
ends("n.so", "layer", 2, "n.so", options=["--set", "cpu.kind=rv64"])
shutil.rmtree(WORK)
sys.exit(1 if failures else 0)

#!/usr/bin/python3
"""Plants one small fault after another in a file, and looks whether the tests of its room notice.

usage: mutate.py FILE... [OPTION...]    so many faults in each of these files
       mutate.py --rooms [OPTION...]    so many faults in all, spread over the files of all rooms
       mutate.py --report LOG           what a log says, as tables of the page

Faults are chosen by --seed; the same seed gives the same faults in the same text. Each is built in a folder of its own
(--build, configured if it is not there) and stands in the file until the first test fails: those of the file's room first,
then those of rooms that use it. The file is put back whatever happens, also by Ctrl-C; after a power cut the next call does.

exit code: 0 every fault that compiles was noticed, 1 some were not, 2 nothing could be tried, 130 interrupted
"""
import argparse
import collections
import fcntl
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
Fault = collections.namedtuple("Fault", "file line operator before after")

SWAPS = {  # binary operators stand between blanks, template brackets and references do not
    "relation": {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    "arithmetic": {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "+=": "-=", "-=": "+="},
    "logic": {"&&": "||", "||": "&&"},
}
WORDS = {"true": "false", "false": "true", "std::min": "std::max", "std::max": "std::min"}
STATEMENT = re.compile(r"(\+\+|--)?[\w:.\[\]>*-]+(\(.*\)| [-+|&*/%^]?= .*);$")


# ---------------------------------------------------------------- faults

def blank_out(text):
    """The text with every comment, string and preprocessor line replaced by as many blanks, and words in strings too."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"\w*\(.*?\)\w*"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#(?:[^\n]|(?<=\\)\n)*'
    return re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.S | re.M)


def faults_of(name, text):
    """All faults of a file, in the order of its lines."""
    found = []
    lines, codes = text.split("\n"), blank_out(text).split("\n")
    before = ""
    for number, (line, code) in enumerate(zip(lines, codes), 1):
        def put(operator, begin, end, new):
            found.append(Fault(name, number, operator, line, line[:begin] + new + line[end:]))

        for operator, swaps in SWAPS.items():
            for at in re.finditer(r"(?<= )\S+(?= |$)", code):
                beside_words = line[:at.start()].rstrip().endswith('"') or line[at.end():].lstrip().startswith('"')
                if at[0] in swaps and not (operator == "arithmetic" and beside_words):
                    put(operator, *at.span(), swaps[at[0]])
        for at in re.finditer(r"\b(true|false|std::min|std::max)\b(?!_)", code):
            put("word", *at.span(), WORDS[at[0]])
        for at in re.finditer(r"(?<![\w.'])(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)\b(?![.'])", code):
            value = int(at[1], 0) if at[1].lower().startswith("0x") else int(at[1])
            for new in {value + 1, abs(value - 1)}:
                put("constant", *at.span(), (hex(new) if at[1].lower().startswith("0x") else str(new)) + at[2])
        at = re.search(r"\b(?:if|while) (?:constexpr )?\((.*)\)", code)
        if at and balanced(at[1]) and "const" not in at[0] and ";" not in at[1]:
            put("condition", *at.span(1), f"!({line[at.start(1):at.end(1)]})")
        statement = code.strip()
        if STATEMENT.match(statement) and balanced(statement) and re.search(r"(^|[;{})]|else|:)\s*$", before):
            begin = len(code) - len(code.lstrip())
            put("statement", begin, begin + len(statement), ";")
        before = code if code.strip() else before
    return found


def balanced(code):
    depth = 0
    for each in code:
        depth += {"(": 1, ")": -1}.get(each, 0)
        if depth < 0:
            return False
    return depth == 0


def choose(faults, count, seed):
    """At most one a line, so that a line with many numbers is no more likely than another."""
    chance = random.Random(seed)
    of_lines = collections.defaultdict(list)
    for each in faults:
        of_lines[each.file, each.line].append(each)
    places = sorted(of_lines)
    return [chance.choice(of_lines[place]) for place in sorted(chance.sample(places, min(count, len(places))))]


# ---------------------------------------------------------------- which tests

def uses_of(*texts):
    """name -> names it uses, and name -> folder; from lines "name folder uses..." of rooms.txt and tests.txt."""
    uses, folders = {}, {}
    for line in "\n".join(texts).split("\n"):
        if words := line.split():
            uses[words[0]] = words[2:]
            folders[words[0]] = words[1]
    return uses, folders


def room_of(file, folders):
    """The room whose folder is the longest that the file lies in."""
    inside = [name for name, folder in folders.items() if file.startswith(folder + "/")]
    return max(inside, key=lambda name: len(folders[name]), default=None)


def distances(room, uses):
    """Everything that uses the room -> over how many others."""
    users = collections.defaultdict(set)
    for name, used in uses.items():
        for each in used:
            users[each].add(name)
    found, edge = {room: 0}, [room]
    while edge:
        edge = [new for old in edge for new in sorted(users[old]) if found.setdefault(new, found[old] + 1) == found[old] + 1
                and new not in edge]
    return found


# ---------------------------------------------------------------- building and running

class Folder:
    """A build folder with its tests: ctest's names, by the program or script that runs them."""

    def __init__(self, path, jobs):
        self.path, self.jobs = os.path.abspath(path), jobs
        if not os.path.exists(os.path.join(self.path, "build.ninja")):
            launcher = [f"-DCMAKE_{of}_COMPILER_LAUNCHER=ccache" for of in ("C", "CXX")
                        if subprocess.run(["which", "ccache"], capture_output=True).returncode == 0]
            # As ./vp test does, so that a compiler's cache knows most of it: a fault that gives a warning is noticed, too.
            self.must("cmake", "--preset", "release", "-S", SOURCE, "-B", self.path, "-DBUILD_TESTING=ON",
                      "-DLOAS_WERROR=ON", *launcher)
        self.must("ninja", "-C", self.path, "build.ninja")  # configured anew where it must be
        self.uses, self.folders = uses_of(self.text("rooms.txt"), self.text("tests.txt"))
        self.scripts = [each["name"] for each in self.ctest()
                        if any(word.endswith("/loas-vp") for word in each.get("command", []))]
        kept = os.path.join(self.path, "cases.json")
        self.cases = json.loads(self.text(kept)) if os.path.exists(kept) else {}  # test -> name, command, folder, seconds

    def ctest(self, *which):
        told = subprocess.run(["ctest", "--show-only=json-v1", *which], cwd=self.path, capture_output=True, text=True, check=True)
        return json.loads(told.stdout)["tests"]

    def text(self, name):
        with open(os.path.join(self.path, name), encoding="utf-8") as file:
            return file.read()

    def must(self, *command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(fail(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"))

    def tests_of(self, room, far):
        """Those named after the room, else the programs that come nearest to seeing it; far: all that can reach it."""
        near = distances(room, self.uses)
        programs = [name for name in near if self.folders[name] == "tests/program"]
        programs.sort(key=lambda name: (near[name], not name.startswith(room), len(self.uses[name])))
        scripts = sorted(self.scripts, key=lambda name: room not in name)
        scripts = scripts if self.folders[room].startswith(("platform/", "sw/")) else []
        if far or not programs:
            return programs + scripts
        named = [name for name in programs if name.startswith(room)]
        nearest = named or [name for name in programs if near[name] == near[programs[0]]]
        return nearest + [name for name in scripts if room in name]

    def build(self, test):
        return limited(["ninja", "-C", self.path, f"-j{self.jobs}", "loas-vp" if test in self.scripts else test], 1800,
                       self.path) == 0

    def measure(self, tests, longest):
        """Notes the cases of each that pass while there is no fault, within so many seconds. The list stays in the folder."""
        for test in tests:
            if test in self.cases:
                continue
            built = self.build(test)
            name = re.escape(test) + "$" if test in self.scripts else test[:-len("_test")] + r"(\.|$)"
            self.cases[test] = []
            for each in self.ctest("-R", "^" + name) if built else []:
                where = [of["value"] for of in each["properties"] if of["name"] == "WORKING_DIRECTORY"] + [self.path]
                start = time.monotonic()
                if limited(each["command"], longest, where[0]) == 0:
                    self.cases[test].append([each["name"], each["command"], where[0], time.monotonic() - start])
                else:
                    print(f"left out: {each['name']} fails, or takes more than {longest} s, without a fault", flush=True)
            write(os.path.join(self.path, "cases.json"), json.dumps(self.cases))
        return [test for test in tests if self.cases[test]]

    def first_failure(self, test):
        """The name of a case, or nothing."""
        for name, command, where, seconds in self.cases[test]:
            if limited(command, 10 + 5 * seconds, where) != 0:
                return name
        return ""


def limited(command, seconds, folder):
    """Exit code, -1 after so many seconds; with all its children it is gone then."""
    def limits():
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True, preexec_fn=limits)
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return -1
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


class Planted:
    """The fault is in the file for the length of a with statement; `safe` keeps the text meanwhile."""

    def __init__(self, fault, safe, root=SOURCE):
        self.fault, self.safe, self.path = fault, safe, os.path.join(root, fault.file)

    def __enter__(self):
        with open(self.path, encoding="utf-8", newline="") as file:
            self.text = file.read()
        lines = self.text.split("\n")
        if lines[self.fault.line - 1] != self.fault.before:
            raise ValueError(f"{self.fault.file}:{self.fault.line} is another line now")
        write(self.safe, json.dumps({"path": self.path, "text": self.text}))
        lines[self.fault.line - 1] = self.fault.after
        write(self.path, "\n".join(lines))

    def __exit__(self, *_):
        write(self.path, self.text)
        os.remove(self.safe)


def alone(build):
    """Holds the build folder for the length of this process; None: another call has a fault in the sources."""
    file = open(os.path.join(build, "lock"), "w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def put_back(safe):
    """What a call that was killed has left in a file."""
    if os.path.exists(safe):
        with open(safe, encoding="utf-8") as file:
            kept = json.load(file)
        write(kept["path"], kept["text"])
        os.remove(safe)
        print(f"put back: {kept['path']}", flush=True)


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(path + ".new", path)


def verdict_of(folder, fault, tests, safe):
    """("survived" | "noticed" | "does not compile", by which test)"""
    with Planted(fault, safe):
        for test in tests:
            if not folder.build(test):
                return "does not compile", ""
            if failed := folder.first_failure(test):
                return "noticed", failed
    return "survived", ""


# ---------------------------------------------------------------- the command

def fail(text):
    print("mutate.py: " + text, file=sys.stderr)
    return 2


def sources(folders):
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    return [name for name in listed if name.endswith((".cpp", ".c", ".h", ".inc")) and room_of(name, folders)
            and name.startswith(("models/", "platform/", "sw/"))]


def read(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8", newline="") as file:
        return file.read()


def report(log):
    """The tables of the page: how many of each room, and what was not noticed."""
    with open(log, encoding="utf-8") as file:
        done = {(each["file"], each["line"], each["after"]): each for each in map(json.loads, file)}.values()
    rooms = collections.defaultdict(collections.Counter)
    for each in done:
        rooms[os.path.dirname(each["file"])][each["verdict"]] += 1
    verdicts = ("noticed", "survived", "does not compile")
    print("| room | " + " | ".join(verdicts) + " |\n|---|---|---|---|")
    for room, counts in sorted(rooms.items()):
        print(f"| {room} | " + " | ".join(str(counts[each]) for each in verdicts) + " |")
    print("| all | " + " | ".join(str(sum(counts[each] for counts in rooms.values())) for each in verdicts) + " |\n")
    for each in done:
        if each["verdict"] == "survived":
            print(f"- `{each['file']}:{each['line']}` {each['operator']}: `{each['before'].strip()}` -> `{each['after'].strip()}`")


def main(words):
    how = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    how.add_argument("files", nargs="*", metavar="FILE")
    how.add_argument("--rooms", action="store_true", help="the files of all rooms")
    how.add_argument("--count", type=int, default=20, metavar="N", help="faults in a file; with --rooms: in all")
    how.add_argument("--seed", type=int, default=1, metavar="N")
    how.add_argument("--build", default=os.path.join(SOURCE, "build", "mutation"), metavar="DIR")
    how.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N")
    how.add_argument("--longest", type=float, default=10, metavar="S", help="leave out a case that takes longer without a fault")
    how.add_argument("--far", action="store_true",
                     help="tests of rooms that use the room, too; what survived without is tried again")
    how.add_argument("--log", metavar="FILE", help="a line of JSON a fault; what stands there already is not tried again")
    how.add_argument("--list", action="store_true", help="only tell the faults")
    how.add_argument("--report", metavar="LOG")
    given = how.parse_args(words)
    if given.report:
        return report(given.report)
    if bool(given.files) == given.rooms or given.count < 1:
        return fail("which files, or --rooms? See --help")
    names = [os.path.relpath(os.path.realpath(name), SOURCE) for name in given.files]
    if missing := [name for name in names if not os.path.isfile(os.path.join(SOURCE, name))]:
        return fail(f"no such file: {missing[0]}")
    os.makedirs(given.build, exist_ok=True)
    held = alone(given.build)
    if held is None:
        return fail(f"another call is at work in {given.build}")
    safe = os.path.join(given.build, "original.json")
    put_back(safe)
    folder = Folder(given.build, given.jobs)
    if homeless := [name for name in names if room_of(name, folder.folders) is None]:
        return fail(f"{homeless[0]} belongs to no room")
    if given.rooms:
        all_faults = [fault for name in sources(folder.folders) for fault in faults_of(name, read(name))]
        chosen = choose(all_faults, given.count, given.seed)
        random.Random(given.seed).shuffle(chosen)  # whoever stops early has a sample of all rooms, too ...
        chosen.sort(key=lambda fault: fault.file.endswith(".h"))  # ... but for headers, of which much is built anew
    else:
        chosen = [fault for name in names for fault in choose(faults_of(name, read(name)), given.count, given.seed)]
    known = {}
    if given.log and os.path.exists(given.log):
        with open(given.log, encoding="utf-8") as file:
            known = {Fault(*(each[key] for key in Fault._fields)): each for each in map(json.loads, file)
                     if each["verdict"] != "survived" or each["far"] or not given.far}
    counts = collections.Counter()
    for fault in chosen:
        if given.list:
            print(f"{fault.file}:{fault.line}: {fault.operator}: {fault.before.strip()} -> {fault.after.strip()}")
            continue
        if fault in known:
            counts[known[fault]["verdict"]] += 1
            continue
        start = time.monotonic()
        tests = folder.measure(folder.tests_of(room_of(fault.file, folder.folders), given.far), given.longest)
        if not tests:
            counts["not tried"] += 1
            continue
        verdict, by = verdict_of(folder, fault, tests, safe)
        counts[verdict] += 1
        print(f"{verdict}{' by ' + by if by else ''}: {fault.file}:{fault.line}: {fault.before.strip()} -> {fault.after.strip()}",
              flush=True)
        if given.log:
            with open(given.log, "a", encoding="utf-8") as file:
                file.write(json.dumps({**fault._asdict(), "verdict": verdict, "by": by, "far": given.far,
                                       "seconds": round(time.monotonic() - start)}) + "\n")
    if not given.list:
        print(", ".join(f"{counts[each]} {each}" for each in ("noticed", "survived", "does not compile", "not tried")))
    return 1 if counts["survived"] else 0


def interrupted(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

#!/usr/bin/python3
"""Does what the "How to" pages say, word for word, in a copy of the sources, and looks whether it works.

usage: how_to.py SOURCE_DIR CXX_COMPILER [TOPIC...]

A topic is a section whose heading begins with "How to add". Its steps are sentences with a block of code below:
  New file `PATH`:                          the block is that file
  In `PATH`, after `TEXT`:                  the block goes below the first line that holds TEXT
  In `PATH`, before `TEXT`:                 above it
  Then `./vp ARGUMENTS` prints, among others:   each line of the block stands in what the command prints
All topics are followed in one copy and built once. Fails if a step cannot be done, if the build or a command fails, or if
a topic changes more files that were there before than MOST_FILES allows.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

# Existing files that an addition may touch beside new ones of its own. Pages that are generated do not count.
MOST_FILES = {"register": 2, "counter": 2, "option": 1, "subcommand": 2, "memory backend": 2, "accelerator": 2}
PAGES = ["README.md", "models", "platform", "sw"]
STEP = re.compile(r"^(?:(?P<new>New file) `(?P<file>[^`]+)`|In `(?P<path>[^`]+)`, (?P<where>after|before) `(?P<text>[^`]+)`|"
                  r"Then `\./vp (?P<command>[^`]+)` prints, among others):$")


def pages(source):
    for place in PAGES:
        whole = os.path.join(source, place)
        if os.path.isfile(whole):
            yield whole
        for folder, _, names in os.walk(whole):
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".md"))


def topics_of(page):
    """(topic, steps): a step is (match, block)."""
    with open(page, encoding="utf-8") as file:
        lines = file.read().split("\n")
    topic, steps, i = None, [], 0
    while i <= len(lines):
        line = lines[i] if i < len(lines) else "# "
        if re.match(r"#+ ", line):
            if topic:
                yield topic, steps
            heading = re.match(r"#+ How to add an? (.+)$", line)
            topic, steps = heading and heading.group(1), []
        elif topic and STEP.match(line):
            start = next(j for j in range(i + 1, len(lines)) if lines[j].startswith("```"))
            end = next(j for j in range(start + 1, len(lines)) if lines[j].startswith("```"))
            steps.append((STEP.match(line), "\n".join(lines[start + 1 : end]) + "\n"))
            i = end
        elif topic and line.startswith(("New file", "In `", "Then `")) and line.endswith(":"):
            raise ValueError(f"{page}: not a step that can be followed: {line}")
        i += 1


def insert(tree, step, block):
    path = os.path.join(tree, step["path"])
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    at = next((i for i, line in enumerate(lines) if step["text"] in line), None)
    if at is None:
        raise ValueError(f"{step['path']} has no line with {step['text']}")
    at += step["where"] == "after"
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines[:at]) + ("\n" if at else "") + block + "\n".join(lines[at:]))


def follow(tree, topic, steps):
    """The files that were there and are changed."""
    changed = set()
    for step, block in steps:
        if step["new"]:
            path = os.path.join(tree, step["file"])
            if os.path.exists(path):
                raise ValueError(f"{topic}: {step['file']} is there already")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(block)
        elif step["path"]:
            changed.add(step["path"])
            insert(tree, step, block)
    return changed


def run(command, folder):
    ended = subprocess.run(command, cwd=folder, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ended.returncode != 0:
        raise ValueError(f"{shlex.join(command)}: exit code {ended.returncode}\n{ended.stdout[-4000:]}")
    return ended.stdout


def main():
    source, compiler, wanted = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    failures = []
    found = [each for page in pages(source) for each in topics_of(page)]
    names = [topic for topic, _ in found]
    for topic in MOST_FILES:
        if names.count(topic) != 1:
            failures.append(f"{names.count(topic)} pages say how to add: {topic}")
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "tree")
        os.mkdir(tree)
        for name in ("CMakeLists.txt", "README.md", "models", "platform", "scenarios", "sw", "tests"):
            place = os.path.join(source, name)
            (shutil.copytree if os.path.isdir(place) else shutil.copy)(place, os.path.join(tree, name))
        try:
            for topic, steps in found:
                if wanted and topic not in wanted:
                    continue
                changed = follow(tree, topic, steps)
                print(f"{topic}: {len(changed)} files changed: {', '.join(sorted(changed)) or '-'}")
                if len(changed) > MOST_FILES.get(topic, 2):
                    failures.append(f"{topic}: changes {len(changed)} files, allowed are {MOST_FILES.get(topic, 2)}")
            run(["cmake", "-S", tree, "-B", f"{folder}/build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DBUILD_TESTING=OFF",
                 f"-DCMAKE_CXX_COMPILER={compiler}", "-DLOAS_WERROR=ON", "-DCMAKE_CXX_FLAGS=-O0", "-DCMAKE_C_FLAGS=-O0"], folder)
            run(["ninja", "-C", f"{folder}/build", "loas-vp"], folder)
            for topic, steps in found:
                for step, block in steps:
                    if step["command"] and (not wanted or topic in wanted):
                        printed = run([f"{folder}/build/loas-vp", *shlex.split(step["command"])], tree)
                        failures += [f"{topic}: `./vp {step['command']}` does not print: {line}\n{printed}"
                                     for line in block.rstrip("\n").split("\n") if line not in printed]
        except (ValueError, StopIteration) as error:
            failures.append(str(error))
    print("\n".join(failures) or "what the pages say works")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

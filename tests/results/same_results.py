#!/usr/bin/python3
"""Compares what two builds of loas-vp compute: every run of runs.txt, the figures byte for byte.

usage: same_results.py OLD_LOAS_VP NEW_LOAS_VP [REGEX] [--sources OLD_TREE] [--pages]

REGEX chooses runs by name. OLD_TREE holds the scenarios of the old build (default: this tree's). --pages compares the
published page and the answers to all what-if questions as well. What may differ stands in accepted.txt; a run without a
difference prints nothing. Exit code 0: the same; 1: different; 2: something could not be run.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))


def lines(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line.split() for line in file if line.strip() and not line.startswith("#")]


def leaves(node, path=""):
    """Every value with its path; a layer goes by its name."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for i, value in enumerate(node):
            name = value.get("name", str(i)) if isinstance(value, dict) else str(i)
            yield from leaves(value, f"{path}.{name}")
    else:
        yield path, json.dumps(node)


def pattern(key):
    return re.compile(re.escape(key).replace(r"\*", "[^.]*") + r"(\..*)?$")


def allowed(rules, kind, path):
    return any(rule[0] == kind and pattern(rule[1]).match(path) for rule in rules)


def differences(old, new, rules):
    moves = {rule[1]: rule[2] for rule in rules if rule[0] == "moved"}
    before = {moves.get(path, path): value for path, value in leaves(old)}
    after = dict(leaves(new))
    for path in before.keys() | after.keys():
        if path not in after and not allowed(rules, "removed", path):
            yield f"{path}: is gone (was {before[path]})"
        elif path not in before and not allowed(rules, "added", path):
            yield f"{path}: is new ({after[path]})"
        elif path in before and path in after and before[path] != after[path] and path != "schema":
            if allowed(rules, "number", path) and json.loads(before[path]) == json.loads(after[path]):
                continue
            yield f"{path}: {before[path]} -> {after[path]}"


def run(vp, tree, arguments):
    """The result of `loas-vp run`, parsed."""
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(tree, each) for each in arguments[0].split(",")]
        scenario = files[0]
        if len(files) > 1:
            scenario = os.path.join(folder, "joined.toml")
            with open(scenario, "w", encoding="utf-8") as file:
                file.write(f"include = {json.dumps(files)}\n")
        out = os.path.join(folder, "out")
        command = [vp, "run", scenario, *arguments[1:], "--quiet", "--out", out]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise RuntimeError(f"exit code {ended.returncode}: {ended.stderr.strip()}")
        with open(os.path.join(out, "results.json"), encoding="utf-8") as file:
            return json.load(file)


def page(vp, tree, command):
    """What a command writes or prints."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [each.replace("TREE", tree).replace("OUT", folder) for each in command]
        ended = subprocess.run([vp, *arguments], capture_output=True, text=True, check=False, cwd=folder)
        if ended.returncode != 0:
            raise RuntimeError(f"exit code {ended.returncode}: {ended.stderr.strip()}")
        written = os.path.join(folder, "RESULTS.md")
        if not os.path.exists(written):
            return "\n".join(line for line in ended.stdout.split("\n") if folder not in line)
        with open(written, encoding="utf-8") as file:
            return file.read()


def compare_run(given, name, arguments, rules):
    old = run(given.old, given.sources, arguments)
    new = run(given.new, TREE, arguments)
    return [f"{name}: {each}" for each in sorted(differences(old, new, rules))]


def compare_page(given, name, command):
    old, new = page(given.old, given.sources, command), page(given.new, TREE, command)
    changed = [(a, b) for a, b in zip(old.split("\n"), new.split("\n")) if a != b]
    return [] if old == new else [f"{name}: differs, first {changed[0] if changed else 'in length'}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("regex", nargs="?", default="")
    parser.add_argument("--sources", default=TREE, help="tree of the old build's scenarios")
    parser.add_argument("--pages", action="store_true", help="also the published page and all what-if answers")
    given = parser.parse_args()
    given.old, given.new = os.path.abspath(given.old), os.path.abspath(given.new)
    rules = lines("accepted.txt")
    work = [(name, compare_run, (given, name, arguments, rules)) for name, *arguments in lines("runs.txt")]
    if given.pages:
        published = ["published", "--quiet", "--scenarios", "TREE/scenarios", "--out", "OUT/RESULTS.md"]
        work.append(("published", compare_page, (given, "published", [each for each in published if each != "--quiet"])))
        folder = os.path.join(TREE, "scenarios", "what-if")
        for file in sorted(os.listdir(folder)):
            if file.endswith(".toml") and "\nbase = " in open(os.path.join(folder, file), encoding="utf-8").read():
                sweep = ["sweep", f"TREE/scenarios/what-if/{file}", "--table", "--quiet", "--out", "OUT/points"]
                work.append((file, compare_page, (given, file, sweep)))
    work = [each for each in work if re.search(given.regex, each[0])]
    different = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, future in [(name, pool.submit(call, *arguments)) for name, call, arguments in work]:
            try:
                found = future.result()
            except RuntimeError as error:
                failed += 1
                found = [f"{name}: {error}"]
            different += bool(found)
            for each in found[:10]:
                print(each)
            if len(found) > 10:
                print(f"{name}: ... and {len(found) - 10} more")
    print(f"{len(work)} compared, {different} differ, {failed} failed")
    return 2 if failed or not work else 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

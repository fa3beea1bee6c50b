#!/usr/bin/python3
"""The rooms of the house, as CMake knows them: draws ROOMS.md and holds the house's rules against them.

usage: rooms.py ROOMS_TXT SOURCE_DIR [--update]

ROOMS_TXT is what configuring wrote: a room a line, its folder, the rooms it uses. Fails if a room uses one that stands
above it, if a room of platform/ has grown too large, if README.md's map lacks a room, or if the page is not what --update would write.
"""
import os
import re
import sys

EACH_DESIGN = "models/designs"  # every room in this folder but the base, by what it is and not by name
# From the ground up; a room may use rooms of lines before its own, and of its own line nothing.
STOREYS = [
    "abi hal reference text parameter",
    "compute_parameters cost_parameters dram_parameters cache_parameters rv64_parameters",
    "design_base_parameters memory_parameters",
    "functional observe driver",
    "runtime",
    "apps",
    "cost kernel dram cache rv64 process",
    "devices control memory compute native rv64_cpu formats trace",
    "design_base network",
    EACH_DESIGN,
    "config folding mapping",
    "lowering",
    "designs draw reuse",
    "machine results",
    "program events summary inputs neurobench listing dataflow energy_account",
    "float_network layer_counts",
    "network_file",
    "golden run",
    "idle",
    "sweep explorer published network_c",
    "kept_sweep findings output",
    "report slurm mapping_search study",
    "dataflow_page",
    "cli",
]
MOST_LINES = 2500  # of a room of platform/


def read_rooms(path):
    rooms = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                name, folder, *uses = line.split()
                rooms[name] = (folder, uses)
    return {name: each for name, each in rooms.items() if not each[0].startswith("tests") or name == "golden"}


def closure(rooms, name):
    below = set()
    for use in rooms[name][1]:
        below |= {use} | closure(rooms, use)
    return below


def direct(rooms, name):
    """The uses of a room that it does not have through another one: what a drawing needs."""
    uses = rooms[name][1]
    return sorted(use for use in set(uses) if not any(use in closure(rooms, other) for other in uses if other != use))


def drawn(rooms, title, names):
    text = f"\n## {title}\n\n```mermaid\ngraph TD\n"
    for name in sorted(names):
        text += f'    {name}["{rooms[name][0]}"]\n'
    for name in sorted(names):
        for use in direct(rooms, name):
            text += f"    {name} --> {use}\n" if use in names else ""
    return text + "```\n"


def page(rooms):
    text = """# The rooms and who uses whom

Written by `tests/integration/rooms.py BUILD_DIR/rooms.txt . --update` from what CMake knows; a test compares it. An arrow
is a room that sees the headers of another, with everything that one sees; it is a build error to include anything else,
and no arrow goes up. Arrows that follow from others are left out of the drawings; the table has all.
"""
    models = {name for name, (folder, _) in rooms.items() if folder.startswith(("models/", "sw/"))}
    platform = {name for name, (folder, _) in rooms.items() if folder.startswith("platform/")}
    text += drawn(rooms, "Software and hardware", models)
    text += drawn(rooms, "Platform", platform)
    text += "\n## All\n\n| room | uses |\n|---|---|\n"
    for name, (folder, uses) in sorted(rooms.items(), key=lambda each: each[1][0]):
        text += f"| {folder} | {', '.join(sorted(rooms[use][0] for use in set(uses))) or '-'} |\n"
    return text


def mapped(source):
    """The folders of the README's map: the first of a line's cell from the top, the others beside it."""
    with open(os.path.join(source, "README.md"), encoding="utf-8") as file:
        table = file.read().split("## The map of the rooms")[1].split("\n## ")[0]
    for cell in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE):
        first, *others = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", cell).split(", ")
        yield from [first, *(os.path.join(os.path.dirname(first), other) for other in others)]


def problems(rooms, source):
    known = set(mapped(source))
    for folder, _ in rooms.values():
        if folder.startswith(("models/", "platform/")) and not folder.endswith(".h") and folder not in known:
            yield f"README.md's map of the rooms lacks {folder}"
    for folder in known:
        if not os.path.isdir(os.path.join(source, folder)) and folder != "room":
            yield f"README.md's map of the rooms has {folder}, which is no folder"
    rank = {name: i for i, storey in enumerate(STOREYS) for name in storey.split()}
    for name, (folder, _) in rooms.items():
        if os.path.dirname(folder) == EACH_DESIGN:
            rank.setdefault(name, STOREYS.index(EACH_DESIGN))
    for name, (folder, uses) in rooms.items():
        if name not in rank:
            yield f"{name} ({folder}): on which storey is it? STOREYS of rooms.py must say"
            continue
        for use in uses:
            if rank.get(use, len(STOREYS)) >= rank[name]:
                yield f"{name} uses {use}, which does not stand below it"
        readme = os.path.join(source, folder, "README.md")
        if os.path.exists(readme):
            with open(readme, encoding="utf-8") as file:
                text = file.read()
            all_of = {"models": "the models", "platform": "every room of the platform"}
            for used in (rooms[use][0] for use in uses if not use.endswith("_parameters")):
                if not re.search(rf"\b{os.path.basename(used)}\b", text) and all_of.get(used.split("/")[0], used) not in text:
                    yield f"{folder}/README.md does not name {used}, which the room uses"
        if folder.startswith("platform/"):
            lines = 0
            for file in os.listdir(os.path.join(source, folder)):
                if file.endswith((".cpp", ".h")):
                    with open(os.path.join(source, folder, file), encoding="utf-8") as text:
                        lines += sum(1 for _ in text)
            if lines > MOST_LINES:
                yield f"{folder}: {lines} lines; a room has at most {MOST_LINES}"


def main():
    rooms = read_rooms(sys.argv[1])
    source = sys.argv[2]
    found = list(problems(rooms, source))
    text = page(rooms)
    place = os.path.join(source, "ROOMS.md")
    if sys.argv[3:] == ["--update"]:
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
    elif not os.path.exists(place) or open(place, encoding="utf-8").read() != text:
        found.append("ROOMS.md is not what rooms.py --update writes")
    print("\n".join(found) or f"{len(rooms)} rooms, and no arrow goes up")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

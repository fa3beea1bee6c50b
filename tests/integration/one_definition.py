#!/usr/bin/env python3
"""No two classes of one namespace share a name, wherever in the house they are.

Two rooms do not see each other's headers, so each compiles; but the linker keeps one destructor, one table of virtual
functions, one inline function for both. What a test program is made of may have the names of another program's.
usage: one_definition.py [SOURCE_DIR]; exits 1 and names the places if two share a name.
"""
import pathlib
import re
import sys

SKIPPED = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)
OPENING = re.compile(r"(?P<namespace>(?:inline\s+)?namespace(?:\s+(?P<path>[\w:]+))?)\s*\{|"
                     r"\b(?P<key>enum\s+class|enum\s+struct|class|struct|union)\s+(?P<name>\w+)\s*(?:final\s*)?(?::[^:;{()][^;{]*)?\{|"
                     r"(?P<open>\{)|(?P<close>\})")


def classes_of(text):
    """(name with its namespaces, line) of each class that is defined outside of a function and an unnamed namespace."""
    text = SKIPPED.sub(lambda found: "\n" * found.group().count("\n"), text)
    scopes = [] # a namespace's or class's name; None where no other file sees what is inside
    for found in OPENING.finditer(text):
        if found["close"]:
            if scopes:
                scopes.pop()
        elif found["open"]:
            scopes.append(None)
        elif found["namespace"]:
            scopes.append(found["path"])
        else:
            if None not in scopes:
                yield "::".join([*scopes, found["name"]]), text.count("\n", 0, found.start()) + 1
            scopes.append(found["name"])


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    places = {}
    for folder in ("models", "platform", "sw", "tests/golden", "tests/support"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".h", ".cpp"):
                for name, line in classes_of(file.read_text()):
                    places.setdefault(name, []).append(f"{file.relative_to(root)}:{line}")
    shared = {name: where for name, where in places.items() if len(where) > 1}
    for name, where in sorted(shared.items()):
        print(f"{name}: {', '.join(where)}")
    print(f"{len(places)} classes, {len(shared)} names shared")
    return 1 if shared or not places else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Shows that a second compiler and the next standard take the sources: clang, syntax only, warnings are errors.

Every C++ source is read as C++20 and every C source as C11, each with the include directories and macros of its own
compile command, in parallel. A header is read by itself, too, unless some source includes it before anything else,
which shows the same. The build shows that the sources are C++17; --both reads them so by clang as well.
What takes most of the time are the headers of SystemC, GoogleTest and JSON: they are precompiled, once for each
standard and set of them, for the files that include that set anyway; precompiled headers of the build are left out. So a
file that includes none of them must name every header that it needs.
usage: compilers.py [REGEX of paths] [--both]; what belongs to a source, cmake says anew. $CLANG and $CLANGXX name other
compilers. Exits 1 if a file is not taken, 2 if there is no compiler.
"""
import argparse
import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
COMPILERS = {"c": os.environ.get("CLANG", "clang"), "c++": os.environ.get("CLANGXX", "clang++")}
STANDARDS = {"c": ["c11"], "c++": ["c++20", "c++17"]}
LIBRARIES = {"systemc": ["systemc", "tlm"], "gtest": ["gtest/gtest.h"], "gmock": ["gmock/gmock.h"],
             "nlohmann": ["nlohmann/json.hpp"]}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


class Unit:
    """One file to read: text is None for a source itself, and what includes it for a header."""

    def __init__(self, path, options, language, text=None):
        self.path, self.options, self.language, self.text = path, options, language, text


def options_of(command):
    """Where the source finds headers, and the macros that it is given."""
    words = shlex.split(command)
    kept = []
    for i, word in enumerate(words):
        if word == "-isystem":
            kept += [word, words[i + 1]]
        elif word.startswith(("-I", "-D", "-march=")):
            kept.append(word)
    return tuple(kept)


def sources(build):
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        if ROOT in file.parents and build not in file.parents:
            found[file] = Unit(file, options_of(entry["command"]), "c" if file.suffix == ".c" else "c++")
    return found


@functools.lru_cache(None)
def includes(file):
    """[(quote, name)] in the file's order."""
    return INCLUDE.findall(file.read_text())


@functools.lru_cache(None)
def resolve(name, options):
    for option in options:
        if option.startswith("-I") and (pathlib.Path(option[2:]) / name).exists():
            return (pathlib.Path(option[2:]) / name).resolve()
    return None


@functools.lru_cache(None)
def first_header(file, options):
    """The header of the project that the file includes before anything else, or None."""
    quote, name = (includes(file) or [("<", "")])[0]
    return resolve(name, options) if quote == '"' else None


@functools.lru_cache(None)
def libraries(file, options):
    """Those of LIBRARIES that the file includes, itself or through headers of the project."""
    found, seen, waiting = set(), {file}, [file]
    while waiting:
        for quote, name in includes(waiting.pop()):
            header = resolve(name, options)
            if header is not None and header not in seen:
                seen.add(header)
                waiting.append(header)
            elif header is None and quote == "<" and name.split("/")[0].replace("tlm_utils", "systemc") in LIBRARIES:
                found.add(name.split("/")[0].replace("tlm_utils", "systemc"))
            elif header is None and name == "tlm":
                found.add("systemc")
    return frozenset(found)


def headers(of_sources):
    """(headers to be read by themselves, headers that no source can include)"""
    shown = {first_header(unit.path, unit.options) for unit in of_sources.values()}
    alone, unseen = [], []
    for folder in ("models", "platform", "sw", "tests"):
        for file in sorted((ROOT / folder).rglob("*.h")):
            if file in shown:
                continue
            name = str(file.relative_to(ROOT / "sw" if folder == "sw" else ROOT))
            sees = [unit for unit in of_sources.values() if resolve(name, unit.options) == file]
            if not sees:
                unseen.append(file)
                continue
            # A source that includes it sees what the header may include; else one beside it does.
            unit = min(sees, key=lambda each: (('"', name) not in includes(each.path), each.path.parent != file.parent,
                                               each.path))
            alone.append(Unit(file, unit.options, unit.language, f'#include "{name}"\n'))
    return alone, unseen


def command_of(language, standard, options):
    return [COMPILERS[language], f"-std={standard}", *WARNINGS, *options]


def precompile(folder, standard, names):
    """Options that read the libraries' headers precompiled."""
    header = folder / ("_".join([standard, *sorted(names)]) + ".h")
    header.write_text("".join(f"#include <{each}>\n" for name in sorted(names) for each in LIBRARIES[name]))
    options = ["-march=x86-64-v2"] if os.uname().machine == "x86_64" else []
    if "gtest" in names or "gmock" in names:
        options.append("-DGTEST_HAS_PTHREAD=1") # as its CMake target has it
    subprocess.run([COMPILERS["c++"], f"-std={standard}", *options, "-x", "c++-header", str(header),
                    "-o", f"{header}.pch"], check=True)
    return ["-include-pch", f"{header}.pch"]


def read(unit, standard, precompiled):
    """What the compiler says against the unit, up to the first error; empty if nothing."""
    source = ["-"] if unit.text else [str(unit.path)]
    result = subprocess.run([*command_of(unit.language, standard, unit.options), *precompiled, "-fsyntax-only",
                             "-ferror-limit=20", "-x", unit.language, *source],
                            input=unit.text, capture_output=True, text=True)
    if result.returncode == 0:
        return ""
    return f"{unit.path.relative_to(ROOT)} as {standard}:\n" + "".join((result.stdout + result.stderr).splitlines(True)[:60])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="?", default="")
    parser.add_argument("--both", action="store_true")
    arguments = parser.parse_args()
    for compiler in COMPILERS.values():
        if shutil.which(compiler) is None:
            print(f"{compiler} is not installed", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as build:
        subprocess.run(["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DBUILD_TESTING=ON", "-DLOAS_TOGETHER=OFF",
                        "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"], check=True, stdout=subprocess.DEVNULL)
        return 1 if complaints_of(pathlib.Path(build).resolve(), arguments) else 0


def complaints_of(build, arguments):
    """How many; they are printed as they come."""
    of_sources = sources(build)
    alone, unseen = headers(of_sources)
    complaints = [f"{file.relative_to(ROOT)}: no source can include it" for file in unseen]
    print("".join(each + "\n" for each in complaints), end="", flush=True)
    units = [unit for unit in [*of_sources.values(), *alone] if re.search(arguments.only, str(unit.path.relative_to(ROOT)))]
    work = [(unit, standard, libraries(unit.path, unit.options) if unit.language == "c++" else frozenset())
            for unit in units for standard in STANDARDS[unit.language][: 2 if arguments.both else 1]]
    if not work:
        sys.exit("nothing to read")
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        sets = sorted({(standard, names) for _, standard, names in work if names}, key=lambda each: (each[0], sorted(each[1])))
        ready = dict(zip(sets, pool.map(lambda each: precompile(pathlib.Path(folder), *each), sets)))
        for complaint in filter(None, pool.map(lambda each: read(each[0], each[1], ready.get(each[1:], [])), work)):
            complaints.append(complaint)
            print(complaint, flush=True)
    print(f"{len(work)} readings by clang, {len(complaints)} complaints")
    return len(complaints)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""What the pages name exists: paths, links, headers of the room, subcommands and their options, parameters.

usage: pages.py SOURCE_DIR COMPLETION OPTIONS_JSON
COMPLETION is what `loas-vp completion bash` prints, OPTIONS_JSON what `loas-vp options --json` prints. Code under "How to add" is
left to how_to.py; what it adds may be named on that page.
"""
import json
import os
import re
import sys

FOLDERS = ("models", "platform", "sw", "tests", "scenarios")
LAUNCHER = {"demo", "test", "build", "bench"}  # words of ./vp itself
PLACEHOLDER = re.compile(r"\b[A-Z][A-Z_]+\b|[*<{$]|\.\.\.")
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
GENERATED = re.compile(r"^<!-- (?!end).*?^<!-- end", re.M | re.S)  # compared as a whole elsewhere
ADDED = re.compile(r"^(?:New file|In|Then) `[^`]+`.*?:\n\n^```.*?^```$", re.M | re.S)


def pages(source):
    for folder in ("", *FOLDERS):
        for place, _, names in os.walk(os.path.join(source, folder)) if folder else [(source, [], os.listdir(source))]:
            yield from (os.path.relpath(os.path.join(place, name), source) for name in sorted(names) if name.endswith(".md"))


def commands_of(completion):
    """Options of each subcommand."""
    return {word: set(options.split())
            for word, options in re.findall(r"^    ([a-z-]+)\)\n        options='([^']*)'", completion, re.M)}


class Checker:
    def __init__(self, source, completion, options):
        self.source = source
        self.commands = commands_of(completion)
        self.keys = {row["key"] for row in options}
        self.tables = {key.split(".")[0] for key in self.keys if "." in key}
        self.counts = {"paths": 0, "commands": 0, "parameters": 0}

    def exists(self, page, path):
        """From the top, from the page's folder, or among the rooms beside it; a unit may be named without .h."""
        here = os.path.dirname(page)
        places = ["", here, os.path.dirname(here), "sw", "models", "platform"]
        whole = [os.path.normpath(os.path.join(self.source, place, path)) for place in places]
        return any(os.path.exists(each) or os.path.exists(each + ".h") for each in whole)

    def paths(self, page, text, added):
        for path in re.findall(r"\]\(([^)#:]+)\)", text):
            self.counts["paths"] += 1
            if not os.path.exists(os.path.join(self.source, os.path.dirname(page), path)):
                yield f"link to {path}"
        inline = re.findall(r"`([^`\n]+)`", text)
        cells = re.findall(rf"^\| *((?:{'|'.join(FOLDERS)})/[\w./-]+) *\|", text, re.M)
        cells += re.findall(r"\| ((?:[a-z]+/)+[\w.]+) *\|$", text, re.M)
        for code in inline + cells:
            word = code.split(" ")[0]
            is_path = re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+/?", word) and word.split("/")[0] not in ("build", "results")
            is_file = re.fullmatch(r"\w+\.(?:h|cpp|c|py|sh|js|inc|cmake)", word) and word == code
            if not (is_path or is_file) or PLACEHOLDER.search(word) or word.startswith(("loas-vp.", "./vp")):
                continue
            self.counts["paths"] += 1
            if word in added or self.exists(page, word) or (is_file and self.somewhere(word)):
                continue
            yield f"`{word}`"

    def somewhere(self, name):
        """Files that the text has placed before, as `queue_test.cpp` of tests/integration."""
        if not hasattr(self, "names"):
            self.names = {each for folder in FOLDERS for _, _, names in os.walk(os.path.join(self.source, folder))
                          for each in names}
        return name in self.names

    def calls(self, text):
        """Subcommands and options of every call of the program in code, inline or in blocks."""
        lines = [line for block in FENCE.findall(text) for line in block.replace("\\\n", " ").split("\n")]
        for code in lines + re.findall(r"`([^`\n]+)`", FENCE.sub("", text)):
            for word, arguments in re.findall(r"(?:^|[ (])(?:\./vp|loas-vp) ([a-z]+(?:-[a-z]+)*)([^|;&<>]*)", code):
                if word in LAUNCHER:
                    continue
                self.counts["commands"] += 1
                if word not in self.commands:
                    yield f"command {word}"
                else:
                    flags = re.findall(r"(?<= )--[a-z-]+", arguments)
                    yield from (f"{word} {flag}" for flag in flags if flag not in self.commands[word])

    def parameters(self, text, generated):
        named = re.findall(r"--set ([a-z_]+(?:\.[a-z_0-9]+)*)=", text)
        named += [code for code in re.findall(r"`([a-z_]+\.[a-z_0-9]+)(?:=[^`]*)?`", text) if code.split(".")[0] in self.tables]
        for key in named:
            self.counts["parameters"] += 1
            is_file = key.split(".")[-1] in ("h", "cpp", "c", "js", "py", "toml", "json", "md")
            if key not in self.keys and not is_file and key not in generated:  # that has the keys of results
                yield f"parameter {key}"

    def check(self, page):
        with open(os.path.join(self.source, page), encoding="utf-8") as file:
            whole = file.read()
        added = set(re.findall(r"^New file `([^`]+)`:$", whole, re.M))
        added |= {os.path.basename(each) for each in added}
        text = ADDED.sub("", GENERATED.sub("", whole))
        without_code = FENCE.sub("", text)
        yield from self.paths(page, without_code, added)
        yield from self.calls(text)
        yield from self.parameters(text, "".join(GENERATED.findall(whole)))


def main():
    source = sys.argv[1]
    with open(sys.argv[2], encoding="utf-8") as completion, open(sys.argv[3], encoding="utf-8") as options:
        checker = Checker(source, completion.read(), json.load(options)["options"])
    missing = [f"{page}: {what}" for page in pages(source) for what in checker.check(page)]
    # What finds nothing proves nothing.
    missing += [f"no {what} found in any page" for what, count in checker.counts.items() if count < 10]
    print("\n".join(missing) or f"the pages name what exists: {checker.counts}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Draws the three pictures of README.md from what loas-vp says: runs of the quick start and of a new program.

usage: pictures.py LOAS_VP SOURCE_DIR [--update] [--digits RESULTS_JSON]

Fails if a picture in scenarios/quickstart is not what would be drawn now; --update writes them. --digits is the result of
the quick start, if there is one already.
"""
import argparse
import html
import json
import os
import re
import subprocess
import sys
import tempfile

WIDTH, HEIGHT = 480, 330
INK, MUTED, GRID = "#16191f", "#555b66", "#dfe2e7"
COLOURS = ["#2667d6", "#de7404", "#2f9e74", "#8a0f56", "#059ed8", "#c9ced6"]  # of the page of loas-vp report
# What tiles do in a cycle, by the keys of a result.
CAUSES = {"add matches": ["busy_cycles"], "prefix sums": ["empty_join", "laggy", "fifo_full"],
          "wait for memory": ["waiting_a", "waiting_b", "dram_refresh", "write_back"],
          "wait for other tiles": ["synchronisation"], "outputs": ["packing"], "no row left": ["idle"]}


class Picture:
    def __init__(self, title):
        self.parts = []
        self.text(16, 30, title, size=17, weight=600)

    def text(self, x, y, words, anchor="start", size=14, weight=400, colour=INK):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
                          f'text-anchor="{anchor}">{html.escape(words)}</text>')

    def box(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>')

    def legend(self, y, names, columns=3):
        for i, name in enumerate(names):
            x, row = 16 + i % columns * (WIDTH - 12) // columns, y + i // columns * 20
            self.box(x, row - 10, 11, 11, COLOURS[i])
            self.text(x + 16, row, name, size=12, colour=MUTED)

    def bar(self, x, y, height, lengths):
        """Pieces side by side; returns where they end."""
        for colour, length in zip(COLOURS, lengths):
            self.box(x, y, length, height, colour)
            x += length
        return x

    def svg(self):
        inside = "\n".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
                f'height="{HEIGHT}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">\n'
                f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff" stroke="{GRID}"/>\n{inside}\n</svg>\n')


def draw_what_if(runs):
    """A bar for each layer and run: its length are cycles, its pieces what the tiles did."""
    picture = Picture("What would twice the tiles bring?")
    picture.text(16, 54, "cycles of 16 and 32 tiles, by what the tiles do", size=12, colour=MUTED)
    left, most = 96, max(layer["cycles"] for result in runs for layer in result["layers"])
    y = 66
    for layers in zip(*(result["layers"] for result in runs)):
        picture.text(16, y + 24, layers[0]["name"])
        for result, layer in zip(runs, layers):
            tiles = result["configuration"]["tppe.count"]
            spent = {"busy_cycles": layer["busy_cycles"], **layer["stall_cycles"]}
            pieces = [sum(spent.pop(key) for key in keys) for keys in CAUSES.values()]
            if sum(spent.values()) != 0 or sum(pieces) != layer["cycles"] * tiles:
                sys.exit(f"pictures.py: CAUSES leaves out some of {spent}")
            picture.text(left - 8, y + 15, str(tiles), "end", colour=MUTED)
            end = picture.bar(left, y, 20, [piece / tiles / most * 300 for piece in pieces])
            picture.text(end + 6, y + 15, f"{layer['cycles']:,}", size=12)
            y += 23
        y += 12
    before, after = (result["totals"]["cycles"] for result in runs)
    picture.text(16, y + 20, f"All layers: {before:,} cycles with 16, {after:,} with 32")
    picture.legend(y + 48, CAUSES)
    return picture.svg()


def draw_network(result):
    """Energy an image of each layer, by where it goes, and how sparse the layer is."""
    images, totals = result["accuracy"]["images"], result["totals"]
    groups = {"compute": [], "SRAM": ["sram_", "line_b", "column_b", "row_store"], "DRAM": ["dram_"], "leakage": []}

    def pieces(of):
        parts = {name: 0 for name in groups}
        for key, value in of["energy_pj"].items():
            if key != "total":
                name = "leakage" if key.endswith("_leakage") else next(
                    (name for name, keys in groups.items() if key.startswith(tuple(keys))), "compute")
                parts[name] += value / images * 1e-6
        return list(parts.values())

    picture = Picture("What does my network cost on this hardware?")
    picture.text(16, 60, f"{100 * result['accuracy']['correct'] / images:.1f} % of {images} images right, golden model: "
                         f"{result['golden']}")
    picture.text(16, 82, f"{totals['energy_pj']['total'] / images * 1e-6:.2f} uJ and "
                         f"{result['performance']['accelerator_ns'] / images / 1000:.1f} us an image")
    picture.text(16, 118, "energy an image, uJ, by layer", size=12, colour=MUTED)
    most = max(sum(pieces(layer)) for layer in result["layers"])
    y = 130
    for layer in result["layers"]:
        picture.text(16, y + 17, layer["name"])
        end = picture.bar(70, y, 24, [piece / most * 330 for piece in pieces(layer)])
        picture.text(end + 6, y + 17, f"{sum(pieces(layer)):.2f}", size=12)
        picture.text(70, y + 40, f"{100 * layer['silent_ratio']:.0f} % of inputs silent, "
                                 f"{100 * layer['weight_sparsity']:.0f} % of weights 0", size=12, colour=MUTED)
        y += 54
    picture.legend(y + 22, groups, 4)
    return picture.svg()


def draw_program(log):
    """Lanes over time: accesses of the program, a layer of the accelerator, its interrupt."""
    events = [(float(time), words) for time, words in re.findall(r"^ *([0-9.]+) us  (.*)$", log, re.M)]
    begin, = [time for time, words in events if words.startswith("descriptor: run layer")]
    (end, cycles), = [(time, re.search(r", (\d+) cycles: completed", words).group(1)) for time, words in events
                      if words.startswith("completion: ")]
    last = end * 1.35
    left, scale = 120, (WIDTH - 136) / last
    picture = Picture("What does my program do, and when?")
    for i in range(int(last * 10) + 1):
        picture.box(left + i / 10 * scale, 52, 1, 196, GRID)
        picture.text(left + i / 10 * scale, 264, f"{i / 10:.1f}", "middle", size=11, colour=MUTED)
    picture.text(16, 264, "us", size=12, colour=MUTED)
    lanes = [("registers", "accelerator"), ("layer", None), ("interrupt", None), ("PLIC", "plic"), ("UART", "uart")]
    for i, (name, device) in enumerate(lanes):
        y = 56 + 40 * i
        picture.text(16, y + 18, name)
        for time, words in events:
            access = re.search(r": (read|write) (\w+) ", words)
            if device is not None and access and access.group(2) == device and time < last:
                picture.box(left + time * scale, y, 2, 26, COLOURS[access.group(1) == "write"])
    picture.box(left + begin * scale, 98, (end - begin) * scale, 22, COLOURS[2])
    picture.text(left + (begin + end) / 2 * scale, 114, f"{cycles} cycles", "middle", size=12, colour="#ffffff")
    up, = [time for time, words in events if re.fullmatch(r"interrupt \d+ up", words)]
    down, = [time for time, words in events if re.fullmatch(r"interrupt \d+ down", words)]
    picture.box(left + up * scale, 138, max(2, (down - up) * scale), 22, COLOURS[3])
    picture.legend(290, ["read", "write", "the accelerator works"])
    picture.text(16, 314, f"{sum(time < last for time, _ in events)} of the {len(events)} events of run --log", size=12,
                 colour=MUTED)
    return picture.svg()


def made(vp, source, digits):
    with tempfile.TemporaryDirectory() as folder:
        def run(*words):
            subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        def result(name):
            with open(os.path.join(folder, name, "results.json"), encoding="utf-8") as file:
                return json.load(file)

        def quick_start(name, *words):
            run(vp, "run", os.path.join(source, "scenarios", "quickstart", "digits.toml"), "--quiet", "--out", name, *words)
            return result(name)

        if digits:
            with open(digits, encoding="utf-8") as file:
                usual = json.load(file)
        else:
            usual = quick_start("usual")
        run(vp, "new-program", "mine")
        run("make", "-C", "mine", "program.so")
        run(vp, "run", "mine/scenario.toml", "--quiet", "--program", "mine/program.so", "--log=log.txt", "--out", "out")
        with open(os.path.join(folder, "log.txt"), encoding="utf-8") as file:
            log = file.read()
        return {"what_if.svg": draw_what_if([usual, quick_start("twice", "--set", "tppe.count=32")]),
                "program.svg": draw_program(log), "network.svg": draw_network(usual)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vp")
    parser.add_argument("source")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--digits")
    given = parser.parse_args()
    stale = []
    for name, svg in made(os.path.abspath(given.vp), os.path.abspath(given.source), given.digits).items():
        path = os.path.join(given.source, "scenarios", "quickstart", name)
        if given.update:
            with open(path, "w", encoding="utf-8") as file:
                file.write(svg)
        elif not os.path.exists(path) or open(path, encoding="utf-8").read() != svg:
            stale.append(name)
    if stale:
        sys.exit(f"pictures.py: not what would be drawn now: {', '.join(stale)}; --update draws them")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""The maps of scenarios/crossovers: runs its sweeps and says which design wins where.

usage: crossovers.py LOAS_VP SOURCE_DIR [--update], which writes the maps into the page; else it compares them.
"""
import json
import os
import subprocess
import sys
import tempfile

FIGURES = {"cycles": "totals.cycles", "energy": "totals.energy_pj.total"}
ADDERS, FAST_ADDERS = 16, 128  # of the laggy prefix-sum: as described, and in the one sweep that asks for more


def points_of(program, source, name, folder):
    """The points of a sweep, [{axes, figures}]."""
    out = os.path.join(folder, name)
    sweep = os.path.join(source, "scenarios", "crossovers", name + ".toml")
    subprocess.run([program, "sweep", sweep, "--quiet", "--out", out], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(out, "points.jsonl"), encoding="utf-8") as lines:
        points = [json.loads(line) for line in lines]
    bad = [point for point in points if point["status"] != "ok"]
    if bad:
        sys.exit(f"{name}: {len(bad)} points are not ok, the first: {bad[0]}")
    adders = {point["axes"].get("tppe.laggy_adders") for point in points if point["axes"]["accelerator"] == "loas"}
    if adders - {FAST_ADDERS if name == "fast_laggy" else ADDERS}:  # the base has others
        sys.exit(f"{name}: tppe.laggy_adders are {adders}")
    return points


def densities(point):
    """Of spikes and of weights, in %: a place of the map."""
    axes = point["axes"]
    return tuple(round(100 * (1 - axes["layer." + of + "_sparsity"]), 1) for of in ("spike", "weight"))


def timesteps(point):
    return densities(point)[1], point["axes"]["workload.timesteps"]


def by_place(points, place_of, figure):
    """{place: {design: figure}}"""
    places = {}
    for point in points:
        places.setdefault(place_of(point), {})[point["axes"]["accelerator"]] = point["figures"][FIGURES[figure]]
    return places


def winner(of):
    """The design with the least, and by how many times the next one has more."""
    ranked = sorted(of.items(), key=lambda each: each[1])
    return ranked[0][0], ranked[1][1] / ranked[0][1]


def table(places, corner, row_unit, column_unit, before=None):
    """Rows and columns by the places' numbers; what won before, if another did, in brackets."""
    rows, columns = (sorted({place[i] for place in places}) for i in (0, 1))
    text = f"| {corner} | " + " | ".join(f"{each:g}{column_unit}" for each in columns) + " |\n"
    text += "|---|" + "---|" * len(columns) + "\n"
    for row in rows:
        cells = []
        for column in columns:
            name, times = winner(places[row, column])
            was = winner(before[row, column])[0] if before else name
            cells.append(f"{name} {times:.2f}" + (f" (was {was})" if was != name else ""))
        text += f"| {row:g}{row_unit} | " + " | ".join(cells) + " |\n"
    return text


def areas(points):
    """What the machines take, in mm2."""
    of = {point["axes"]["accelerator"]: point["figures"]["area_mm2.total"] for point in points}
    return "| " + " | ".join(of) + " |\n|" + "---|" * len(of) + "\n| " + " | ".join(f"{area:.2f}" for area in of.values()) + " |\n"


def tiles(points):
    """What a machine takes with other numbers of tiles."""
    text = "| tiles | cycles | mm2 |\n|---|---|---|\n"
    for point in points:
        of = point["figures"]
        text += f"| {point['axes']['tppe.count']} | {of[FIGURES['cycles']]:,} | {of['area_mm2.total']:.2f} |\n"
    return text


def maps(program, source, folder):
    """{mark of the page: table}"""
    usual, fast, large, over_time = (points_of(program, source, name, folder)
                                     for name in ("sparsity", "fast_laggy", "large_loas", "timesteps"))
    made = {"areas": areas(usual), "tiles of spinalflow": tiles(points_of(program, source, "spinalflow_tiles", folder))}
    for figure in FIGURES:
        places = by_place(usual, densities, figure)
        made[f"map: {figure}"] = table(places, "spikes \\ weights", " %", " %")
        for change, points in (("with a fast laggy prefix-sum", fast), ("with 35 tiles", large)):
            changed = {place: {**of, **by_place(points, densities, figure)[place]} for place, of in places.items()}
            made[f"map: {figure} {change}"] = table(changed, "spikes \\ weights", " %", " %", places)
        made[f"map: {figure} over T"] = table(by_place(over_time, timesteps, figure), "weights \\ T", " %", "")
    return made


def main():
    program, source = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    page = os.path.join(source, "scenarios", "crossovers", "README.md")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as folder:
        made = maps(program, source, folder)
    written = text
    for mark, shown in made.items():
        begin = f"<!-- {mark} -->\n"
        if begin not in written:
            sys.exit(f"{page} has no {mark}")
        before, rest = written.split(begin, 1)
        written = before + begin + shown + rest[rest.index("<!-- end -->"):]
    if "--update" in sys.argv:
        with open(page, "w", encoding="utf-8") as file:
            file.write(written)
    elif written != text:
        sys.exit(f"{page} shows other maps; --update writes them")


main()

#!/usr/bin/python3
"""LoAS's order against SparTen's on the same tiles: what loas-vp dataflow counts beside what was published, as Markdown.

usage: dataflow_ratios.py SOURCE_DIR NETWORK.json...

A NETWORK.json is what `loas-vp dataflow scenarios/published/NETWORK.toml --set fidelity=published --json` prints.
"""
import json
import os
import sys


def main():
    source, files = sys.argv[1], sys.argv[2:]
    with open(os.path.join(source, "scenarios/published/published_results.json"), encoding="utf-8") as file:
        published = json.load(file)
    print("| network | order | cycles | published | DRAM KiB | published |")
    print("|---|---|--:|--:|--:|--:|")
    for name in files:
        with open(name, encoding="utf-8") as file:
            layers = json.load(file)["layers"]
        network = os.path.splitext(os.path.basename(name))[0]
        totals = []
        for machine, key in ("loas", "loas_mntk_normal"), ("loas-nmtk", "loas_nmtk_normal"):
            points = [each for layer in layers for each in layer["orders"] if each.get("machine") == machine]
            counted = published["networks"][network]["designs"][key]["layers"].values()
            totals.append([sum(each["latency_cycles"] for each in points), sum(each["tot_cycs"] for each in counted),
                           sum(each["buffers"][-1]["dram_bytes"]["total"] for each in points) / 1024,
                           sum(each["total_dram"] for each in counted)])
            print(f"| {network} | {points[0]['order']} ({points[0]['spatial']}) | " +
                  " | ".join(f"{each:,.0f}" for each in totals[-1]) + " |")
        print(f"| {network} | ratio | " + " | ".join(f"{second / first:.2f}" for first, second in zip(*totals)) + " |")


main()

#!/usr/bin/python3
"""Random legal configurations of loas-vp on small random layers: what every result must satisfy, whatever was chosen.

usage: random_configurations.py LOAS_VP [--draws N] [--first SEED] [--jobs N]

Each draw chooses a design, a layer with tensors of its own and other values for a part of the options, over all of
their ranges as far as a layer still takes milliseconds. A configuration that the rules between options refuse (exit code
2) is drawn again. The same SEED gives the same draw everywhere. Exit code 1: a result breaks an invariant, or a run did
not end well; the command that repeats it is printed.
"""
import argparse
import concurrent.futures
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

TOGETHER = {"loas", "loas-nmtk"}  # all timesteps at once: a match is an input that spikes at all

# What a run would not end with, or not soon (host_timeout_s: on a busy computer), or what is no choice of a machine.
LEFT_OUT = {"name", "dram.lose_response", "cpu.timeout_ms", "memory.ram_mib", "run.golden", "run.check_protocol",
            "run.host_timeout_s", "tppe.max_timesteps", "clock_mhz"}
# Above these a layer of this size takes longer, and nothing else changes.
MOST = {"tppe.count": 70, "cache.size_kib": 512, "memory.latency_ns": 2000, "plif.latency": 60, "tppe.fast_latency": 20,
        "scheduler.prefetch_columns": 64, "dram.t_rfc_ns": 400, "queue.entries": 256}
LEAST = {"memory.bandwidth_gb_per_s": 0.5, "dram.t_ck_ns": 0.4}


def write_npy(path, kind, letter, shape, values):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        file.write(struct.pack(f"<{len(values)}{letter}", *values))


def draw_value(rng, option):
    """Another value, anywhere in its range."""
    kind, key = option["type"], option["key"]
    if kind == "boolean":
        return rng.choice(["true", "false"])
    if kind == "word" or "allowed" in option:
        return rng.choice(option["allowed"])
    least = max(option["minimum"], LEAST.get(key, -math.inf))
    most = min(option["maximum"], MOST.get(key, math.inf))
    if kind == "number":  # around the default: nothing else about it is special
        return repr(round(min(most, max(least, option["default"] * rng.choice([0.5, 0.8, 1.25, 2]))), 3))
    if option["power_of_two"]:
        first, last = math.ceil(math.log2(max(1, least))), int(math.log2(most))
        return str(2 ** rng.randint(first, last))
    if rng.random() < 0.25:
        return str(int(rng.choice([least, most])))
    default = max(1, option["default"])
    return str(int(min(most, max(least, default * 2 ** rng.uniform(-3, 3)))))


def draw_layer(rng):
    layer = {"height": rng.randint(1, 6), "width": rng.randint(1, 5), "channels": rng.choice([1, 3, 17, 64, 130, 300]),
             "out_channels": rng.choice([1, 2, 9, 33, 70]), "kernel": rng.choice([1, 1, 2, 3]),
             "stride": rng.choice([1, 1, 2]), "padding": rng.choice([0, 0, 1]), "pool": rng.choice([1, 1, 1, 2]),
             "leak_q8": rng.choice([0, 64, 128, 256]), "threshold": rng.choice([-5, 0, 20, 300]),
             "runs": rng.choice([1, 1, 2])}
    timesteps = rng.choice([1, 2, 4, 4, 5, 8, 16])
    silent, zero = rng.choice([0, 0.5, 0.9, 1]), rng.choice([0, 0.5, 0.95, 1])
    inputs = layer["height"] * layer["width"] * layer["channels"]
    columns = layer["out_channels"] * layer["kernel"] ** 2 * layer["channels"]
    words = [0 if rng.random() < silent else rng.getrandbits(timesteps) for _ in range(inputs)]
    weights = [0 if rng.random() < zero else rng.randint(-128, 127) for _ in range(columns)]
    return layer, timesteps, words, weights


def unfolded(layer, words):
    """Rows of the im2col matrix, K in the order (kernel row, kernel column, channel); those of outputs that are kept."""
    height, width, channels = layer["height"], layer["width"], layer["channels"]

    def side(size):
        return (size + 2 * layer["padding"] - layer["kernel"]) // layer["stride"] + 1

    def kept(size):
        return side(size) // layer["pool"] * layer["pool"]

    for y in range(kept(height)):
        for x in range(kept(width)):
            row = []
            for i in range(layer["kernel"]):
                for j in range(layer["kernel"]):
                    at_y, at_x = (y * layer["stride"] + i - layer["padding"], x * layer["stride"] + j - layer["padding"])
                    inside = 0 <= at_y < height and 0 <= at_x < width
                    # The file has channels first: (C, H, W).
                    row += [words[(c * height + at_y) * width + at_x] if inside else 0 for c in range(channels)]
            yield row


def expected_counts(layer, words, weights, together):
    """Non-silent inputs, spikes and matches of one run."""
    taps, channels = layer["kernel"] ** 2, layer["channels"]
    of_input = [0] * (taps * channels)  # non-zero weights by k; the file is (N, C, kh, kw)
    for at, weight in enumerate(weights):
        if weight != 0:
            channel, tap = at % (taps * channels) // taps, at % taps
            of_input[tap * channels + channel] += 1
    non_silent = spikes = matches = 0
    for row in unfolded(layer, words):
        for k, word in enumerate(row):
            ones = bin(word).count("1")
            non_silent += word != 0
            spikes += ones
            matches += of_input[k] * ((word != 0) if together else ones)
    return non_silent, spikes, matches


def total(of, group):
    return sum(of[group].values())


def broken(result, layer, words, weights):
    """Invariants that the result does not satisfy, in words."""
    config = result["configuration"]
    found = result["layers"][0]
    cycles, tiles, runs = found["cycles"], config["tppe.count"], found["runs"]
    design = config["accelerator"]
    wrong = []

    def need(holds, what):
        if not holds:
            wrong.append(what)

    def close(a, b):
        return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1)

    need(result["golden"] == "equal", f"golden: {result['golden_differences']}")
    need(found["busy_cycles"] + total(found, "stall_cycles") == cycles * tiles, "tiles' cycles do not add up")
    need(total(found, "scheduler_cycles") == cycles, "the scheduler's cycles do not add up")
    for of in (found, result["totals"]):
        need(0 <= of["tile_utilisation"] <= 1, f"utilisation {of['tile_utilisation']}")
        need(0 <= of["cache_hit_share"] <= 1, f"share of hits {of['cache_hit_share']}")
    timeline = found.get("utilisation", {"busy_tile_cycles": []})  # of the first run
    for place, busy in enumerate(timeline["busy_tile_cycles"]):
        part = min(timeline["slice_cycles"], timeline["cycles"] - place * timeline["slice_cycles"])
        need(busy <= part * tiles, f"slice {place} of the timeline is busy for {busy} of {part * tiles} tile cycles")
    need(sum(timeline["busy_tile_cycles"]) <= found["busy_cycles"], "the timeline is busier than its layer")
    need(result["simulated_ns"] >= int(cycles * 1000 / config["clock_mhz"]), "layers take longer than the whole")
    if config["workload.single_spike_mask"]:
        words = [word if word & (word - 1) else 0 for word in words]
    non_silent, spikes, matches = expected_counts(layer, words, weights, design in TOGETHER)
    need(found["matches"] == matches * runs, f"{found['matches']} matches, {matches} x {runs} expected")
    if layer["pool"] == 1:  # else rows that no window keeps count too
        need(found["spikes"] == spikes * runs, f"{found['spikes']} spikes, {spikes} x {runs} expected")
        need(found["non_silent_inputs"] == non_silent * runs, "non-silent inputs")
    need(found["nonzero_weights"] == sum(weight != 0 for weight in weights), "non-zero weights")

    hits, misses = total(found, "cache_hits"), total(found, "cache_misses")
    need(hits + misses == found["cache"]["requests"], "hits and misses are not the requests")
    cached = config["memory.backend"] == "dram" and config["timing"] == "at"
    need(cached or hits + misses == 0, "a cache that is not there")
    line = config["cache.line_bytes"]
    for kind, asked in found["request_bytes"].items():
        lines = found["cache_hits"][kind] + found["cache_misses"][kind]
        need(not cached or lines * line >= asked, f"{kind}: fewer lines than bytes asked for")
        read = found["dram_read_bytes"][kind]
        need(not cached or read <= found["cache_misses"][kind] * line, f"{kind}: read more than was missed")
        need(cached or config["memory.backend"] != "fixed" or config["timing"] != "at" or kind == "partial_sums"
             or read in (0, asked), f"{kind}: what goes past no cache is what is asked for")
    if cached and not config["cache.ideal"] and config["cpu.memory"] == "fixed" and design in TOGETHER and matches > 0:
        # Compulsory: nothing of the layer is in the cache yet. The parts of a small tensor share lines.
        masks = layer["out_channels"] * (len(weights) // layer["out_channels"] // 64 * 8)
        read = sum(found["dram_read_bytes"][kind] for kind in ("b_mask", "b_pointers", "b_weights"))
        need(read >= max(1, masks), "masks and weights that were never read")
    if cached and not config["dram.ideal"] and not config["cache.ideal"]:
        dram = found["dram"]
        burst = config["dram.channel_bits"] // 8 * config["dram.burst_beats"]
        peak = (config["dram.channels"] * config["dram.channel_bits"] / 8 * config["dram.beats_per_clock"] /
                config["dram.t_ck_ns"])
        moved = (dram["read_bursts"] - dram["forwarded_reads"] + dram["write_bursts"] - dram["merged_writes"]) * burst
        # Posted writes move up to the moment when software is told, behind the layer's cycles.
        time_ns = result["simulated_ns"] if config["dram.posted_writes"] else cycles * 1000 / config["clock_mhz"]
        need(moved <= time_ns * peak * (1 + 1e-9), "more than the DRAM can move")
        need(dram["row_hits"] + dram["row_misses"] + dram["row_conflicts"] + dram["forwarded_reads"] +
             dram["merged_writes"] == dram["read_bursts"] + dram["write_bursts"] or config["cpu.memory"] == "timed",
             "rows' hits, misses and conflicts are not the bursts")
    if config["memory.backend"] == "fixed" and config["timing"] == "at":
        ns = cycles * 1000 / config["clock_mhz"]
        need(found["dram_bytes"] <= ns * config["memory.bandwidth_gb_per_s"] * (1 + 1e-9) + 64,
             "more than the bandwidth can move")
    for of in (found, result["totals"]):
        parts = sum(value for key, value in of["energy_pj"].items() if key != "total")
        need(close(parts, of["energy_pj"]["total"]), "energies do not add up")
        parts = sum(value for key, value in of["published_energy"].items() if key != "total")
        need(close(parts, of["published_energy"]["total"]), "published energies do not add up")
        need(min(of["energy_pj"].values()) >= 0, "negative energy")
    area = result["area_mm2"]
    need(close(sum(area[each] for each in ("tiles", "cache", "row_stores", "buffers", "rest")), area["total"]),
         "areas do not add up")
    need(close(area["one_tile"]["total"] * tiles, area["tiles"]), "tiles' area")
    power = result["power_mw"]
    need(close(power["compute"] + power["sram"] + power["leakage"], power["on_chip"]), "powers do not add up")
    need(result["totals"]["cycles"] == cycles, "totals are not the layer's")
    return wrong


def run_draw(vp, options, seed, folder):
    """Words about what went wrong, "" for nothing, and how many configurations were refused."""
    rng = random.Random(seed)
    for refused in range(200):
        layer, timesteps, words, weights = draw_layer(rng)
        shape = (layer["channels"], layer["height"], layer["width"])
        spikes_file, weights_file = (os.path.join(folder, f"{name}{seed}.npy") for name in ("spikes", "weights"))
        write_npy(spikes_file, "<u2", "H", shape, words)
        write_npy(weights_file, "|i1", "b",
                  (layer["out_channels"], layer["channels"], layer["kernel"], layer["kernel"]), weights)
        settings = {"workload.kind": "layer", "workload.timesteps": timesteps, "tppe.max_timesteps": 16,
                    "layer.spikes_file": spikes_file, "layer.weights_file": weights_file,
                    "workload.single_spike_mask": rng.choice(["false", "false", "true"]),
                    "clock_mhz": rng.choice([100, 800, 800, 1000, 2500])}
        settings.update({"layer." + key: value for key, value in layer.items()})
        share = rng.choice([0.03, 0.1, 0.25])
        for option in options:
            key = option["key"]
            if key in LEFT_OUT or key.startswith(("workload.", "layer.")) or option["type"] in ("text", "path"):
                continue
            if key == "accelerator" or rng.random() < share:
                settings[key] = draw_value(rng, option)
        command = [vp, "run", os.path.join(folder, "empty.toml"), "--json", "--check-protocol",
                   "--quiet", "--out", os.path.join(folder, f"out{seed}")]
        command += [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=100)
        except subprocess.TimeoutExpired:
            return f"seed {seed}: not done after 100 s\n{' '.join(command)}", refused
        if done.returncode == 2:
            continue
        if done.returncode not in (0, 1):
            return f"seed {seed}: exit code {done.returncode}: {done.stderr[-600:]}\n{' '.join(command)}", refused
        wrong = broken(json.loads(done.stdout), layer, words, weights)
        return f"seed {seed}: {'; '.join(wrong)}\n{' '.join(command)}" if wrong else "", refused
    return f"seed {seed}: 200 configurations were refused", 200


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vp")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    given = parser.parse_args()
    vp = os.path.abspath(given.vp)
    options = json.loads(subprocess.run([vp, "options", "--json"], capture_output=True, text=True, check=True).stdout)
    failures = refused = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        open(os.path.join(folder, "empty.toml"), "w", encoding="utf-8").close()
        seeds = range(given.first, given.first + given.draws)
        for text, again in pool.map(lambda seed: run_draw(vp, options["options"], seed, folder), seeds):
            refused += again
            if text:
                failures += 1
                print(text if given.draws < 20 else text[:1500], file=sys.stderr)
    print(f"{given.draws} configurations, {failures} broke an invariant; {refused} others were refused")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

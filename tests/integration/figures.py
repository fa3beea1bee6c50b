#!/usr/bin/python3
"""Figures and files of loas-vp against values worked out by hand, on layers small enough for that.

usage: figures.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import ast
import json
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

VP, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
DESIGNS = ["loas", "loas-nmtk", "sparten-snn", "gospa-snn", "gamma-snn", "dense-snn"]


def npy(path, kind, shape, values):
    """kind: of NumPy, as |u1, with a struct letter: ("|u1", "B")."""
    header = f"{{'descr': '{kind[0]}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        file.write(struct.pack(f"<{len(values)}{kind[1]}", *values))


U1, I1, B1, F4, I4, I8 = ("|u1", "B"), ("|i1", "b"), ("|b1", "?"), ("<f4", "f"), ("<i4", "i"), ("<i8", "q")


def read_npy(path):
    """Shape and elements in C order. By NumPy too, where it is installed."""
    with open(path, "rb") as file:
        file.seek(8)
        length, = struct.unpack("<H", file.read(2))
        header, data = ast.literal_eval(file.read(length).decode()), file.read()
    kind = {each[0]: each for each in (U1, I1, B1, F4, I4, I8)}[header["descr"]]
    values = [value for value, in struct.iter_unpack("<" + kind[1], data)]
    try:
        import numpy
    except ImportError:
        return header["shape"], values
    array = numpy.load(path)
    assert (array.shape, array.reshape(-1).tolist()) == (header["shape"], values), path
    return header["shape"], values


class Layer:
    """A layer with random tensors, and what a plain program in Python makes of it."""

    def __init__(self, rng, matrix):
        of = rng.randint
        self.t, self.n, self.c = of(1, 4), of(1, 9), of(1, 12)
        self.h, self.w = (of(1, 7), 1) if matrix else (of(2, 5), of(2, 5))
        self.kernel, self.stride, self.padding = ((1, 1), (1, 1), (0, 0)) if matrix else (
            (of(1, 2), of(1, 3)), (of(1, 2), of(1, 2)), (of(0, 1), of(1, 2)))
        self.threshold, self.leak, self.reset = of(0, 60), rng.choice([0, 100, 256]), rng.choice(
            ["hard", "soft", "delayed"])
        self.bias = [of(-40, 60) for _ in range(self.n)]
        self.taps = self.kernel[0] * self.kernel[1]
        self.weights = [[0 if rng.random() < 0.4 else of(-90, 127) for _ in range(self.taps * self.c)]
                        for _ in range(self.n)]  # [N][kh, kw, C]
        self.spikes = [[[[int(rng.random() < 0.4) for _ in range(self.w)] for _ in range(self.h)]
                        for _ in range(self.c)] for _ in range(self.t)]  # [T][C][H][W]

    def output(self):
        """(T, N, H, W), flat."""
        out_h, out_w = ((size + 2 * padding - kernel) // stride + 1 for size, padding, kernel, stride in
                        zip((self.h, self.w), self.padding, self.kernel, self.stride))
        spikes = [[] for _ in range(self.t)]
        for n in range(self.n):
            for y in range(out_h):
                for x in range(out_w):
                    potential = 0
                    for t in range(self.t):
                        level = potential + self.bias[n]
                        for tap in range(self.taps):
                            at_y = y * self.stride[0] + tap // self.kernel[1] - self.padding[0]
                            at_x = x * self.stride[1] + tap % self.kernel[1] - self.padding[1]
                            if 0 <= at_y < self.h and 0 <= at_x < self.w:
                                level += sum(self.weights[n][tap * self.c + c] for c in range(self.c)
                                             if self.spikes[t][c][at_y][at_x])
                        spiked = level > self.threshold
                        spikes[t].append(spiked)
                        if spiked and self.reset != "delayed":
                            level = level - self.threshold if self.reset == "soft" else 0
                        potential = (level * self.leak >> 8) - (self.threshold if spiked and self.reset == "delayed" else 0)
        return (self.t, self.n, out_h, out_w), [each for of_timestep in spikes for each in of_timestep]


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def vp(self, *words, code=0, **how):
        if words[0] == "run" and "--out out" in " ".join(words) and "--force" not in words:
            words += ("--force",)  # "out" is for whatever a test looks at last
        done = subprocess.run([VP, *words], cwd=self.folder, capture_output=True, text=True, timeout=120, **how)
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout[-500:]}\n{done.stderr[-1500:]}")
        return done

    def file(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def npy(self, name, *of):
        npy(os.path.join(self.folder, name), *of)
        return name

    def run_layer(self, *settings, code=0):
        """The one layer of a result, and the result."""
        words = [word for each in settings for word in ("--set", each)]
        done = self.vp("run", self.layer(), "--json", "--check-protocol", "--out", "out", *words, code=code)
        result = json.loads(done.stdout)
        return result["layers"][0], result

    def layer(self):
        """A scenario: 2 x 4 inputs, 3 columns, T = 4, everything dense."""
        if not os.path.exists(os.path.join(self.folder, "layer.toml")):
            self.file("layer.toml", """
workload.kind = "layer"
[layer]
height = 2
width = 1
channels = 4
out_channels = 3
kernel = 1
padding = 0
silent_ratio = 0
spike_sparsity = 0
weight_sparsity = 0
""")
        return "layer.toml"


class Masking(Case):
    """Inputs that spike once are silent, whatever they come from and whichever design reads them."""

    def test_files(self):
        self.npy("spikes.npy", U1, (2, 4), [1, 3, 0, 5, 8, 15, 2, 0])
        for design in DESIGNS:
            with self.subTest(design):
                file = "layer.spikes_file=" + os.path.join(self.folder, "spikes.npy")
                layer, _ = self.run_layer(file, "accelerator=" + design)
                self.assertEqual((layer["spikes"], layer["non_silent_inputs"]), (1 + 2 + 2 + 1 + 4 + 1, 6))
                self.assertNotIn("masked_inputs", layer)
                layer, _ = self.run_layer(file, "accelerator=" + design, "workload.single_spike_mask=true", "layer.runs=2")
                self.assertEqual((layer["spikes"], layer["non_silent_inputs"]), (2 * (2 + 2 + 4), 2 * 3))
                self.assertEqual(layer["masked_inputs"], 2 * 3)

    def test_drawn(self):
        # 4 of 8 inputs spike, once each: nothing is left.
        once = ("layer.silent_ratio=0.5", "layer.spike_sparsity=0.875", "workload.single_spike_mask=true")
        layer, result = self.run_layer(*once)
        self.assertEqual((layer["spikes"], layer["non_silent_inputs"], result["golden"]), (0, 0, "equal"))
        self.assertEqual(layer["masked_inputs"], 4)
        words = [word for each in once for word in ("--set", each)]
        self.assertIn("\nMasked before they were run: 4 inputs that spiked once.\n",
                      self.vp("run", self.layer(), "--out", "out", *words).stdout)


class Files(Case):
    """A layer of one's own from files: nothing of what they say is repeated, and the output is a file again."""

    def npy_settings(self, layer, matrix, kind):
        """Files of the layer in one of the forms that are taken, and what files do not say."""
        if matrix:  # (T, M, K) and (K, N)
            self.npy("spikes.npy", kind, (layer.t, layer.h, layer.c), [
                layer.spikes[t][c][y][0] for t in range(layer.t) for y in range(layer.h) for c in range(layer.c)])
            self.npy("weights.npy", I1, (layer.c, layer.n), [row[k] for k in range(layer.c) for row in layer.weights])
        else:  # (T, C, H, W) and (N, C, kh, kw)
            self.npy("spikes.npy", kind, (layer.t, layer.c, layer.h, layer.w), [
                spike for channels in layer.spikes for rows in channels for row in rows for spike in row])
            self.npy("weights.npy", I1, (layer.n, layer.c, *layer.kernel), [
                row[tap * layer.c + c] for row in layer.weights for c in range(layer.c) for tap in range(layer.taps)])
        self.npy("bias.npy", I4, (layer.n,), layer.bias)
        return ["workload.kind=layer", "layer.spikes_file=spikes.npy", "layer.weights_file=weights.npy",
                "layer.bias_file=bias.npy", f"layer.threshold={layer.threshold}", f"layer.leak_q8={layer.leak}",
                f"layer.reset={layer.reset}", "tppe.max_timesteps=16", *([] if matrix else [
                    f"layer.stride={layer.stride[0]}", f"layer.stride_width={layer.stride[1]}",
                    f"layer.padding={layer.padding[0]}", f"layer.padding_width={layer.padding[1]}"]),
                *(["layer.weights_axes=kn"] if matrix else [])]

    def test_every_design_computes_what_the_files_say(self):
        self.file("empty.toml", "")
        rng = random.Random(7)
        for draw, design in enumerate(DESIGNS * 2):
            with self.subTest(design=design, draw=draw):
                matrix = draw % 2 == draw // len(DESIGNS)
                layer = Layer(rng, matrix)
                words = [word for each in (*self.npy_settings(layer, matrix, rng.choice([B1, F4])),
                                           "accelerator=" + design) for word in ("--set", each)]
                done = self.vp("run", "empty.toml", "--json", "--out", "out", "--force", "--save-outputs", "saved", *words)
                self.assertEqual(json.loads(done.stdout)["golden"], "equal")
                self.assertEqual(read_npy(os.path.join(self.folder, "saved", "empty.npy")), layer.output())

    def test_outputs_are_inputs_again(self):
        self.file("empty.toml", "")
        layer = Layer(random.Random(3), False)
        words = [word for each in self.npy_settings(layer, False, F4) for word in ("--set", each)]
        self.vp("run", "empty.toml", "--out", "out", "--save-outputs", "a/b", *words, "--set", "layer.runs=2")
        (runs, t, n, h, w), values = read_npy(os.path.join(self.folder, "a", "b", "empty.npy"))
        self.assertEqual((runs, values), (2, layer.output()[1] * 2))
        self.npy("next.npy", B1, (t, n, h, w), values[:len(values) // 2])
        done = self.vp("run", "empty.toml", "--json", "--out", "next", "--set", "workload.kind=layer", "--set",
                       "layer.spikes_file=next.npy", "--set", "layer.out_channels=3")
        result = json.loads(done.stdout)
        self.assertEqual([result["configuration"]["layer." + key] for key in ("channels", "height", "width")], [n, h, w])
        self.assertEqual((result["golden"], result["layers"][0]["timesteps"]), ("equal", t))

    def test_outputs_of_a_network(self):
        digits = os.path.join(SOURCE, "scenarios", "quickstart", "digits.toml")
        self.vp("run", digits, "--out", "out", "--quiet", "--save-outputs", "saved", "--set", "workload.max_images=3")
        self.assertEqual({name: read_npy(os.path.join(self.folder, "saved", name))[0] for name in
                          os.listdir(os.path.join(self.folder, "saved"))},
                         {"conv2.npy": (3, 4, 32, 4, 4), "conv3.npy": (3, 4, 40, 4, 4), "fc.npy": (3, 4, 10, 1, 1),
                          "class_scores.npy": (3, 10)})
        with open(os.path.join(self.folder, "out", "results.json"), encoding="utf-8") as file:
            predictions = json.load(file)["accuracy"]["predictions"]
        currents = read_npy(os.path.join(self.folder, "saved", "fc.npy"))[1]
        for image, predicted in enumerate(predictions):  # the class with the largest sum over T
            scores = [sum(currents[(image * 4 + t) * 10 + n] for t in range(4)) for n in range(10)]
            self.assertEqual(scores.index(max(scores)), predicted)
            self.assertEqual(read_npy(os.path.join(self.folder, "saved", "class_scores.npy"))[1][10 * image:10 * image + 10],
                             scores)

    def test_mistakes(self):
        self.npy("half.npy", F4, (2, 1, 3), [0, 1, 0, 0, 0.5, 1])
        with open(os.path.join(self.folder, "own.toml"), "w", encoding="utf-8") as file:
            file.write('workload.kind = "layer"\n[layer]\nspikes_file = "half.npy"\n')
        self.assertIn("half.npy (layer.spikes_file): element [1, 0, 1] is 0.5; with timesteps in front, spikes are 0 or 1",
                      self.vp("run", "own.toml", code=2).stderr)
        self.assertIn("--set layer.channels=4: ", self.vp("run", "own.toml", "--set", "layer.channels=4", code=2).stderr)
        self.file("taken", "")
        self.assertIn("--save-outputs taken: ", self.vp("run", "own.toml", "--save-outputs", "taken", code=2).stderr)

    def test_shapes_in_a_sweep(self):
        self.npy("few.npy", B1, (2, 3, 5), [1] * 30)
        self.npy("many.npy", B1, (4, 6, 7), [1] * 168)
        self.file("own.toml", 'workload.kind = "layer"\nlayer.out_channels = 3\nlayer.weight_sparsity = 0\n')
        sweep = self.file("sweep.toml", 'base = "own.toml"\n[axes]\nlayer.spikes_file = ["few.npy", "many.npy"]\n')
        self.vp("sweep", sweep, "--out", "points", "--quiet")
        with open(os.path.join(self.folder, "points", "points.jsonl"), encoding="utf-8") as file:
            cycles = [json.loads(line)["figures"]["totals.cycles"] for line in file]
        alone = [json.loads(self.vp("run", "own.toml", "--json", "--out", "out", "--force", "--set",
                                    "layer.spikes_file=" + name).stdout) for name in ("few.npy", "many.npy")]
        self.assertEqual([each["layers"][0]["matches"] for each in alone], [3 * 5 * 3, 6 * 7 * 3])
        self.assertEqual(cycles, [each["totals"]["cycles"] for each in alone])
        sweep = self.file("sweep.toml", 'base = "own.toml"\n[axes]\nlayer.spikes_file = ["few.npy", "many.npy"]\n'
                          "layer.channels = [5]\n")
        self.assertIn("sweep.toml:4: point 1", self.vp("sweep", sweep, "--out", "points2", code=2).stderr)


class Clock(Case):
    """A cycle is a whole number of ps, and every figure uses the clock of that cycle."""

    def test_of_a_run(self):
        same = self.run_layer("clock_mhz=10000")[1]
        done = self.vp("run", self.layer(), "--json", "--check-protocol", "--out", "out", "--set", "clock_mhz=9999")
        self.assertIn("loas-vp: --set clock_mhz=9999: clock_mhz = 9999 is 10000: a cycle is a whole number of ps, here 100",
                      done.stderr)
        self.assertEqual(json.loads(done.stdout), same)
        done = self.vp("run", self.layer(), "--json", "--out", "out", "--set", "clock_mhz=1.5")
        result = json.loads(done.stdout)
        self.assertAlmostEqual(result["configuration"]["clock_mhz"], 1e6 / 666667, places=12)
        cycles = result["totals"]["cycles"]
        self.assertAlmostEqual(result["performance"]["accelerator_ns"], cycles * 666.667, places=3)
        self.assertNotIn("clock_mhz", self.vp("run", "out/scenario.toml", "--quiet", "--out", "out").stderr)
        self.assertNotIn("clock_mhz", self.vp("run", self.layer(), "--quiet", "--out", "out", "--set",
                                              "clock_mhz=800").stderr)

    def test_of_an_axis(self):
        sweep = self.file("sweep.toml", f'base = "{self.layer()}"\n[axes]\nclock_mhz = [9999, 800]\n')
        self.assertIn("sweep.toml:3: clock_mhz = 9999 is 10000", self.vp("sweep", sweep, "--out", "points").stderr)


class Performance(Case):
    def test_of_both_kinds_of_matches(self):
        # Words 1, 3, 0, 5 and 15, 0, 8, 2 at 3 weights each: 4 + 5 + ... = 12 spikes.
        self.npy("spikes.npy", U1, (2, 4), [1, 3, 0, 5, 15, 0, 8, 2])
        spikes = 1 + 2 + 2 + 4 + 1 + 1
        for design in DESIGNS:
            with self.subTest(design):
                _, result = self.run_layer("layer.spikes_file=" + os.path.join(self.folder, "spikes.npy"),
                                           "accelerator=" + design, "layer.runs=2")
                found, totals = result["performance"], result["totals"]
                self.assertEqual(found["synaptic_operations"], 2 * spikes * 3)
                self.assertAlmostEqual(found["accelerator_ns"], totals["cycles"] * 1.25)
                self.assertAlmostEqual(found["runs_per_second"] * found["accelerator_ns"], 2e9, places=0)
                self.assertAlmostEqual(found["tops_per_watt"] * totals["energy_pj"]["total"], 2 * spikes * 3, places=6)

    def test_words(self):
        text = self.vp("run", self.layer(), "--out", "out", "--set", "tppe.acc_bits=2", "--set",
                       "fidelity=published").stdout
        self.assertIn("The accelerator alone: ", text)
        self.assertIn("Overflow: 6 sums of 2 bits, 0 corrections of 10\n", text)
        self.assertIn("the column\npublished counts them channel by channel", text)
        text = self.vp("run", self.layer(), "--out", "out").stdout
        self.assertNotIn("Overflow", text)
        self.assertNotIn("channel by channel", text)

    def test_no_cycles_are_no_speed(self):
        nothing = ["--set", "layer.spike_sparsity=1", "--set", "layer.silent_ratio=1", "--set", "memory.backend=ideal",
                   "--set", "compressor.adders=0", "--set", "plif.latency=0"]
        done = self.vp("compare", self.layer(), "--accelerators", "gamma-snn,loas", *nothing, "--quiet", "--json")
        compared = json.loads(done.stdout)
        self.assertEqual(compared["results"]["gamma-snn"]["totals"]["cycles"], 0)
        self.assertEqual(compared["speed"]["total"], {"gamma-snn": None, "loas": None})
        text = self.vp("compare", self.layer(), "--accelerators", "gamma-snn,loas", *nothing, "--quiet").stdout
        self.assertNotIn("0.00", text.split("times as fast")[1].split("SRAM")[0])
        self.assertIn("The accelerator took no time.", self.vp("run", self.layer(), "--out", "out", *nothing, "--set",
                                                               "accelerator=gamma-snn").stdout)


class Folders(Case):
    def test_names_and_occupants(self):
        layer = self.layer()
        self.vp("run", layer)
        self.vp("run", layer)
        self.assertEqual(os.listdir(os.path.join(self.folder, "results")), ["layer"], "the same run again")
        self.assertIn("results/layer-2/", self.vp("run", layer, "--set", "tppe.count=2").stdout)
        self.assertEqual(self.vp("diff", "results/layer", "results/layer-2", code=1).stdout.split()[3:6],
                         ["tppe.count", "16", "2"])
        other = self.vp("run", layer, "--set", "name=other", "--out", "results/layer", code=2)
        self.assertIn("holds the result of scenario 'layer'; --force replaces it", other.stderr)
        same = self.vp("run", layer, "--set", "tppe.count=4", "--out", "results/layer", code=2)
        self.assertIn("holds the result of scenario 'layer' with other settings or inputs; --force", same.stderr)
        self.vp("run", layer, "--out", "results/layer")
        self.vp("run", layer, "--set", "name=other", "--out", "results/layer", "--force")
        for file in ("mine/scenario.toml", "swept/points.jsonl"):
            os.makedirs(os.path.dirname(os.path.join(self.folder, file)))
            self.file(file, "hello\n")
            kept = self.vp("run", layer, "--out", os.path.dirname(file), code=2)
            self.assertRegex(kept.stderr, r"--out \w+: holds a .*(scenario.toml|sweep \(points.jsonl\)).*; --force replaces it")

    def test_a_failed_run_leaves_no_older_result(self):
        self.vp("run", self.layer(), "--out", "out")
        self.vp("run", self.layer(), "--out", "out", "--force", "--quiet", "--set", "dram.lose_response=3",
                code=4)
        self.assertEqual(os.listdir(os.path.join(self.folder, "out")), ["scenario.toml"], "it may be what was run")

    def test_a_full_file_system(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        done = self.vp("run", self.layer(), "--out", "out", code=2, preexec_fn=limit)
        self.assertIn("cannot write", done.stderr)

    def test_an_interrupt_says_so(self):
        for command in (["run", self.layer(), "--quiet", "--set", "layer.runs=1000000"],
                        ["compare", self.layer(), "--quiet", "--set", "layer.runs=1000000"]):
            running = subprocess.Popen([VP, *command], cwd=self.folder, stderr=subprocess.PIPE, text=True)
            time.sleep(1)
            running.send_signal(signal.SIGINT)
            self.assertEqual(running.communicate(timeout=60)[1], "loas-vp: interrupted\n")
            self.assertEqual(running.returncode, -signal.SIGINT)


class Diff(Case):
    def test_what_matters_comes_first(self):
        self.vp("run", self.layer(), "--out", "one", "--set", "name=one")
        self.vp("run", self.layer(), "--out", "two", "--set", "name=one", "--set", "tppe.count=1")
        text = self.vp("diff", "one", "two", code=1).stdout
        names = [line.split()[0] for line in text.splitlines() if line and line[0].islower()]
        order = ["parameter", "tppe.count", "figure", "totals.cycles", "totals.energy_pj.total", "power_mw.compute",
                 "area_mm2.tiles", "layers.one.cycles"]
        places = [names.index(each) for each in order]
        self.assertEqual(places, sorted(places))
        self.assertNotIn("stall_cycles", text)
        self.assertIn("more figures; --all shows them", text)
        self.assertIn("layers.one.stall_cycles", self.vp("diff", "one", "two", "--all", code=1).stdout)


class Mistakes(Case):
    def test_designs_that_refuse_are_left_out(self):
        done = self.vp("compare", self.layer(), "--accelerators", "loas,sparten-snn", "--set", "tppe.count=20", "--quiet")
        self.assertIn("sparten-snn is left out: ", done.stderr)
        self.assertIn("loas", done.stdout)
        self.assertNotIn("sparten-snn", done.stdout)
        self.vp("compare", self.layer(), "--accelerators", "sparten-snn", "--set", "tppe.count=20", "--quiet", code=2)
        compared = json.loads(self.vp("compare", self.layer(), "--accelerators", "loas,sparten-snn", "--set",
                                      "tppe.count=20", "--quiet", "--json").stdout)
        self.assertEqual([each["accelerator"] for each in compared["left_out"]], ["sparten-snn"])
        self.assertIn(f"left out: {compared['left_out'][0]['reason']}\n", done.stderr)

    def test_numbers_are_told_as_typed(self):
        typed = "123456789012345678901234567890"
        done = self.vp("run", self.layer(), "--set", "tppe.count=" + typed, code=2)
        self.assertIn("tppe.count = " + typed, done.stderr)
        self.assertNotIn("9223372036854775807", done.stderr)

    def test_a_pipe_without_a_writer(self):
        os.mkfifo(os.path.join(self.folder, "pipe"))
        for command in ("run", "sweep", "dump"):
            self.vp(command, "pipe", code=2)

    def test_of_sweeps(self):
        sweep = self.file("after.toml", f'base = "{self.layer()}"\n[axes]\ntppe.count = [1, 2]\n'
                          'constraints = ["tppe.count > 1"]\n')
        self.assertIn("after.toml:4: unknown key 'constraints'; it belongs to no table: it stands above the first one",
                      self.vp("sweep", sweep, code=2).stderr)
        sweep = self.file("zero.toml", f'base = "{self.layer()}"\nconstraints = ["4 / gamma.merger_latency > 1"]\n'
                          "[axes]\ngamma.merger_latency = [0, 1]\n")
        self.assertIn('zero.toml:2: constraints: "4 / gamma.merger_latency > 1" divides by 0',
                      self.vp("sweep", sweep, code=2).stderr)


class Sweeps(Case):
    def test_an_axis_of_one_design(self):
        cycles = []
        for latency in (0, 60):  # a round a row and timestep, of 2 rows and 4 timesteps in two PEs
            cycles.append(self.run_layer("accelerator=gamma-snn", f"gamma.merger_latency={latency}")[0]["cycles"])
        self.assertEqual(cycles[1] - cycles[0], 4 * 60)
        sweep = self.file("sweep.toml", f'''
base = "{self.layer()}"
[axes]
accelerator = ["gamma-snn"]
gamma.merger_latency = [60, 0]
gamma.radix = [64]
''')
        self.vp("sweep", sweep, "--out", "points", "--quiet")
        with open(os.path.join(self.folder, "points", "points.jsonl"), encoding="utf-8") as file:
            found = [json.loads(line)["figures"]["totals.cycles"] for line in file]
        self.assertEqual(found, [cycles[1], cycles[0]])


class WithoutEffect(Case):
    """A parameter that changes nothing is named with the reason; and what is named changes nothing."""

    def told(self, *settings, file=None, command="run"):
        words = [word for each in settings for word in ("--set", each)]
        done = self.vp(command, file or self.layer(), "--quiet", *(["--out", "out"] if command == "run" else []), *words)
        return [line for line in done.stderr.splitlines() if "has no effect" in line]

    def test_of_a_layer(self):
        self.assertEqual(self.told(), [])
        for setting, reason in {
                "workload.seed=1": 'workload.kind = "layer" takes no list of layers; its seed is layer.seed',
                "workload.max_images=7": 'workload.kind = "layer" runs no network',
                "memory.bandwidth_gb_per_s=50": 'memory.backend = "dram" has none; they are of "fixed"',
                "gamma.radix=8": "loas has no such part; it is of gamma-snn",
                "queue.rings=2": "workloads use the first ring",
                "dram.t_rfc_bank_ns=9": 'dram.refresh is not "per-bank"',
                "cache.seed=3": 'cache.policy is not "random"'}.items():
            self.assertEqual(self.told(setting), [f"loas-vp: --set {setting}: {setting.split('=')[0]} has no effect: "
                                                  f"{reason}"])
        self.assertEqual(self.told("accelerator=gamma-snn", "tppe.laggy_adders=4", "gamma.radix=8"),
                         ["loas-vp: --set tppe.laggy_adders=4: tppe.laggy_adders has no effect: gamma-snn has no such "
                          "part; it is of loas, loas-nmtk"])
        self.assertEqual(self.told("accelerator=dense-snn", "compressor.adders=4"),
                         ["loas-vp: --set compressor.adders=4: compressor.adders has no effect: dense-snn stores spikes "
                          "as bitmaps, which need no packing"])
        self.assertEqual(self.told("cache.seed=3", "cache.policy=random"), [])

    def test_of_files(self):
        self.npy("spikes.npy", U1, (2, 4), [1] * 8)
        self.npy("weights.npy", I1, (3, 4), [1] * 12)
        with open(os.path.join(self.folder, self.layer()), "a", encoding="utf-8") as file:
            file.write('seed = 9\nspikes_file = "spikes.npy"\nweights_file = "weights.npy"\n')
        told = self.told("layer.weight_sparsity=0.5", "layer.silent_ratio=0.5")
        self.assertEqual(len(told), 4, told)  # silent_ratio and spike_sparsity each
        self.assertIn("loas-vp: layer.toml:13: layer.seed has no effect: spikes and weights are those of files", told)
        self.assertIn("loas-vp: --set layer.weight_sparsity=0.5: layer.weight_sparsity has no effect: the weights are "
                      "those of layer.weights_file", told)
        # All inputs spike, in one of the timesteps; no weight is 0.
        with open(os.path.join(self.folder, "out", "results.json"), encoding="utf-8") as file:
            recorded = json.load(file)["configuration"]
        steps = recorded["workload.timesteps"]
        self.assertEqual([recorded["layer." + key] for key in ("silent_ratio", "spike_sparsity", "weight_sparsity")],
                         [0, 1 - 1 / steps, 0])
        with open(os.path.join(self.folder, "out", "scenario.toml"), encoding="utf-8") as file:
            self.assertIn("silent_ratio = 0.5 # not in force: the spikes are spikes_file's\n", file.read())
        self.vp("explain", "out")

    def list_file(self):
        """8 x 4 inputs that spike twice each, 2 columns, 16 of 32 weights."""
        self.file("list.toml", """
[[layers]]
name = "one"
in_height = 8
in_width = 1
in_channels = 4
out_channels = 2
kernel = 1
stride = 1
padding = 0
timesteps = 4
spikes = 48
non_silent = 24
non_silent_ft = 24
non_zero_weights = 6
sigma_col = 0
gamma_act = 0
""")
        return self.file("list_scenario.toml", 'workload.kind = "layers"\nworkload.layers = "list.toml"\n')

    def test_of_a_list(self):
        file = self.list_file()
        self.assertEqual(self.told(file=file), [])
        for key in ("layer.runs", "layer.threshold", "layer.leak_q8", "layer.pool", "layer.weight_sparsity"):
            self.assertEqual(self.told(key + "=1", file=file),
                             [f'loas-vp: --set {key}=1: {key} has no effect: workload.kind = "layers" takes its layers '
                              "from the list"])
        self.vp("dump", file)
        dumped = self.file("dumped.toml", self.vp("dump", file).stdout)
        self.assertIn("timesteps = 0", self.vp("dump", file).stdout, "what the list says is in force, and no other T")
        self.assertEqual(self.told(file=dumped), [])

    def test_layers_side_by_side_save_their_outputs(self):
        file = self.list_file()
        with open(os.path.join(self.folder, "list.toml"), "r+", encoding="utf-8") as layers:
            layers.write(layers.read().replace('"one"', '"../two"'))
        result = json.loads(self.vp("run", file, "--json", "--out", "out", "--save-outputs", "saved").stdout)
        self.assertEqual((result["golden"], len(result["layers"])), ("equal", 2))
        for name in ("one.npy", "%2E.%2Ftwo.npy"):
            self.assertEqual(read_npy(os.path.join(self.folder, "saved", name))[0], (4, 2, 8, 1))

    def test_a_list_is_scaled(self):
        file = self.list_file()

        def layer(*settings):
            words = [word for each in settings for word in ("--set", each)]
            done = self.vp("run", file, "--json", "--out", "out", *words)
            result = json.loads(done.stdout)
            self.assertEqual(result["golden"], "equal")
            return result["layers"][0]

        self.assertEqual((layer()["timesteps"], layer()["spikes"], layer()["nonzero_weights"]), (4, 48, 6))
        half = layer("workload.timesteps=2")  # a quarter is silent of 4, half of 2: 16 spike, 24 times
        self.assertEqual((half["timesteps"], half["spikes"], half["non_silent_inputs"]), (2, 24, 16))
        more = layer("workload.timesteps=8", "tppe.max_timesteps=8")  # a sixteenth of 8
        self.assertEqual((more["timesteps"], more["spikes"], more["non_silent_inputs"]), (8, 96, 30))
        self.assertEqual(layer("workload.scale_weight_sparsity=0.5")["nonzero_weights"], 7)  # 1 of 8 weights: zeros 2 -> 1
        self.assertEqual(layer("workload.scale_weight_sparsity=9")["nonzero_weights"], 0)

    def test_an_axis(self):
        layer = self.layer()
        sweep = self.file("sweep.toml", f'''
base = "{layer}"
[axes]
gamma.radix = [8, 16]
tppe.count = [1, 2]
''')
        done = self.vp("sweep", sweep, "--out", "points", "--quiet")
        self.assertEqual([line for line in done.stderr.splitlines() if "no effect" in line],
                         [f"loas-vp: {sweep}:4: gamma.radix has no effect: loas has no such part; it is of gamma-snn"])
        both = self.file("both.toml", f'''
base = "{layer}"
[axes]
gamma.radix = [8, 16]
accelerator = ["loas", "gamma-snn"]
''')
        self.assertNotIn("no effect", self.vp("sweep", both, "--out", "points2", "--quiet").stderr)
        compared = self.vp("compare", layer, "--accelerators", "loas,gamma-snn", "--quiet", "--set", "gamma.radix=8",
                           "--set", "dense.columns=2").stderr
        self.assertIn("dense.columns has no effect", compared)
        self.assertNotIn("gamma.radix", compared)

    def test_what_is_named_changes_nothing(self):
        options = json.loads(self.vp("options", "--json").stdout)["options"]
        usual = {each["key"]: each for each in options if each["type"] not in ("text", "path") or "allowed" in each}
        modes = [(), ("timing=lt",), ("memory.backend=fixed",), ("memory.backend=ideal",), ("dram.ideal=true",),
                 ("fidelity=published",), ("cache.ideal=true", "xbar.ideal=true")]
        machine = ("layer.channels=200", "layer.out_channels=40", "layer.height=6", "layer.spike_sparsity=0.7",
                   "layer.silent_ratio=0.5", "layer.weight_sparsity=0.7", "cache.size_kib=4", "cache.ways=4",
                   "cache.banks=4", "layer.threshold=9")
        pairs = [(design, modes[j]) for i, design in enumerate(DESIGNS) for j in range(i % 2, len(modes), 2)]
        if os.environ.get("LOAS_FEWER") == "1":  # under the sanitizers: still each design and each mode
            pairs = pairs[::3]
        for number, (design, mode) in enumerate(pairs):
            with self.subTest(design=design, mode=mode):
                chosen = (*machine, *mode, "accelerator=" + design)
                keys = {each.split("=")[0] for each in chosen}
                free = [key for key in usual if key not in keys and not key.startswith(("workload.", "layer."))]
                config = json.loads(self.vp("run", self.layer(), "--json", "--out", "out", *self.sets(chosen)).stdout)
                before = config.pop("configuration")
                told = self.told(*chosen, *(f"{key}={self.word(before[key])}" for key in free))
                # What others hold anyway has no effect up to there.
                idle = [line.split(" has no effect")[0].split(": ")[-1] for line in told if "anyway" not in line]
                self.assertGreater(len(idle), 5)
                changes = self.legal(chosen, [(key, self.others(usual[key], number)) for key in idle])
                self.assertGreater(len(changes), len(idle) * 0.8)
                changed = json.loads(
                    self.vp("run", self.layer(), "--json", "--out", "out", *self.sets((*chosen, *changes))).stdout)
                changed.pop("configuration")
                self.assertEqual(config, changed, changes)

    def legal(self, chosen, wanted):
        """Other values for as many of these keys as go together."""
        def accepted(changes):
            return subprocess.run([VP, "dump", self.layer(), *self.sets((*chosen, *changes))], cwd=self.folder,
                                  capture_output=True, check=False).returncode == 0

        def add(changes, some):
            first = [f"{key}={values[0]}" for key, values in some]
            if not some or accepted(changes + first):
                return changes + first
            if len(some) > 1:
                return add(add(changes, some[:len(some) // 2]), some[len(some) // 2:])
            key, values = some[0]
            return add(changes, [(key, values[1:])] if len(values) > 1 else [])

        return add([], wanted)

    @staticmethod
    def sets(settings):
        return [word for each in settings for word in ("--set", each)]

    @staticmethod
    def word(value):
        return str(value).lower() if isinstance(value, bool) else str(value)

    @staticmethod
    def others(option, number):
        if option["type"] == "boolean":
            return [str(not option["default"]).lower()]
        if "allowed" in option:
            return [word for word in option["allowed"] if word != option["default"]]
        inside = [min(option["maximum"], max(option["minimum"], option["default"] * factor + term))
                  for factor, term in ((2, 0), (0.5, 0), (4, 1), (1, 3))]
        if option["type"] == "integer":
            inside = [int(value) for value in inside]
        return [value for value in inside[number % 2:] + inside if value != option["default"]]


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

#!/usr/bin/python3
"""Parameters that change nothing are named, with the reason; and what is named changes nothing.

usage: without_effect.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import json
import os
import subprocess
import sys
import unittest

from one_layer import Case, DESIGNS, I1, U1, VP, read_npy


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
                "gamma.radix=8": "loas has no such part; it is of gamma-snn, gamma-ann",
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

    def test_of_ptb(self):
        for settings, words in {("ptb.line_cycles=1",): ["line_cycles"],
                                ("ptb.window=2", "ptb.line_cycles=1"): [],
                                ("ptb.dense=true", "ptb.pair_distance=0"): ["pair_distance"],
                                ("ptb.dense=true", "ptb.window=2", "ptb.line_cycles=1"): ["line_cycles"],
                                ("ptb.pair_distance=0",): []}.items():
            told = self.told("accelerator=ptb", *settings)
            self.assertEqual(len(told), len(words), told)
            for line, word in zip(told, words):
                self.assertIn(f"ptb.{word} has no effect: ptb" if "dense" in settings[0] else
                              f"ptb.{word} has no effect: a window of one timestep", line)

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
                         [f"loas-vp: {sweep}:4: gamma.radix has no effect: loas has no such part; it is of gamma-snn, gamma-ann"])
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
        pairs = [(design, modes[j]) for i, design in enumerate(DESIGNS) for j in range(i % 3, len(modes), 3)]
        if os.environ.get("LOAS_FEWER") == "1":  # under the sanitizers: still each design and each mode
            pairs = pairs[::2]
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

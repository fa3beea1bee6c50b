#!/usr/bin/python3
"""Figures of loas-vp against values worked out by hand, on layers small enough for that.

usage: figures.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import json
import os
import sys
import unittest

from one_layer import Case, DESIGNS, U1


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
        self.assertTrue(text.startswith("Warning: the accumulators overflow, 6 sums of 2 bits, 0 corrections of 10 "), text)
        self.assertIn("the column\npublished counts them channel by channel", text)
        text = self.vp("run", self.layer(), "--out", "out").stdout
        self.assertNotIn("Overflow", text)
        self.assertNotIn("channel by channel", text)
        text = self.vp("run", os.path.join(sys.argv[2], "scenarios/own-network/events.toml"), "--out", "events", "--set",
                       "workload.max_images=1", "--set", "tppe.max_timesteps=8").stdout
        self.assertRegex(text, r"\nconv2 +36 +72 +16 +16 ", "T is the network's, whose blocks have 8")
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 100)

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

    def test_inputs_of_the_same_name_are_compared(self):
        for name, spike in (("one", 1), ("two", 1), ("three", 2)):
            os.mkdir(os.path.join(self.folder, "of_" + name))
            self.npy(f"of_{name}/x.npy", U1, (2, 4), [spike, 3, 0, 5, 8, 15, 2, 0])
            self.vp("run", self.layer(), "--out", name, "--set", "name=one", "--set", f"layer.spikes_file=of_{name}/x.npy")
        self.assertIn("and 0 parameters.", self.vp("diff", "one", "two").stdout)
        self.assertRegex(self.vp("diff", "one", "three", code=1).stdout,
                         r"(?m)^layer.spikes_file +\d+ bytes +\d+ other bytes *$")


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


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

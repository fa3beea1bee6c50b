#!/usr/bin/python3
"""Sweeps with budgets and seeds, asked again when they are finished; files that are damaged, full or no files.

usage: budgets.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import unittest

from one_layer import SOURCE, VP, Case


class Budgets(Case):
    def sweep(self, text, *words, out="points", code=0):
        file = self.file(f"{out}.toml", f'base = "{self.layer()}"\n' + text)
        return self.vp("sweep", file, "--out", out, "--quiet", *words, code=code)

    def points(self, out="points"):
        with open(os.path.join(self.folder, out, "points.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_area_and_energy_are_budgets(self):
        axes = "[axes]\ntppe.count = [2, 8, 32]\n"
        self.sweep(axes, out="all")
        energy = {p["axes"]["tppe.count"]: p["figures"]["totals.energy_pj.total"] for p in self.points("all")}
        area = {p["axes"]["tppe.count"]: p["figures"]["area_mm2.total"] for p in self.points("all")}
        self.assertLess(energy[2], energy[8], "a large machine leaks more")
        limit = (energy[2] + energy[8]) / 2
        done = self.sweep(f'constraints = ["area_mm2.total <= {area[8]}", "totals.energy_pj.total < {limit}"]\n'
                          'least = "totals.energy_pj.total"\n' + axes)
        self.assertEqual([p["axes"]["tppe.count"] for p in self.points()], [2, 8], "32 did not run")
        self.assertIn(f"1 of 2 break the constraints on results: 1 totals.energy_pj.total < {limit}\n", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^least totals.energy_pj.total +point.*\ntppe.count=2 +0 ")
        self.assertNotIn("tppe.count=8", done.stdout)
        # Another budget is another question to the same points.
        again = self.sweep(f'constraints = ["area_mm2.total <= {area[8]}", "totals.energy_pj.total > {limit}"]\n' + axes,
                           "--resume", "--json")
        self.assertEqual([each["axes"] for each in json.loads(again.stdout)["best"]], [{"tppe.count": 8}])
        with open(os.path.join(self.folder, "points", "sweep.toml"), encoding="utf-8") as kept:
            self.assertIn(f"> {limit}", kept.read())

    def test_finished_points_are_asked(self):
        self.sweep("[axes]\ntppe.count = [2, 8]\n[derived]\nper_tile = \"totals.cycles / tppe.count\"\n")
        best = json.loads(self.vp("best", "points", "--most", "per_tile", "--json").stdout)["best"]
        self.assertEqual([each["axes"]["tppe.count"] for each in best], [2, 8])
        text = self.vp("best", "points", "--where", "tppe.count > 2", "--least", "area_mm2.total").stdout
        self.assertIn("1 of 2 break the constraints", text)
        self.assertNotIn("tppe.count=2", text)
        self.assertNotIn("Written", text)
        by = self.vp("best", "points", "--by", "tppe.count", "--least", "per_tile")
        self.assertRegex(by.stdout, r"\| tppe.count \| +best \|\n\|[-:|]+\n\| +2 \| ")
        self.assertEqual([each["axes"] for each in json.loads(self.vp("best", "points", "--by", "tppe.count", "--json").stdout)
                          ["best_by"]], [{"tppe.count": 2}, {"tppe.count": 8}])
        for words, told in ((["--by", "tppe.counts"], "did you mean 'tppe.count'?"), (["--where", "area_mm.total < 2"], "did you mean 'area_mm2.total'?"),
                            (["--where", "totals.cycles"], "a comparison is needed"),
                            (["--least", "1", "--most", "2"], "only one of them"),
                            (["--least", "1 / (tppe.count - 2)"],
                             '--least: point 0 (tppe.count=2): "1 / (tppe.count - 2)" divides by 0'),
                            (["--most", "accuracy.correct"], "accuracy.correct is null")):
            self.assertIn(told, self.vp("best", "points", *words, code=2).stderr)

    def test_a_sweep_asks_for_its_axes_before_it_runs(self):
        done = self.sweep("[axes]\ntppe.count = [2, 8]\n", "--by", "tppe.counts", code=2)
        self.assertIn("'tppe.counts' is no axis of these points", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "points")))
        self.assertIn("Each cell: fewest cycles", self.sweep("[axes]\ntppe.count = [2, 8]\n", "--by", "tppe.count").stdout)
        self.assertIn("only one of them", self.sweep("[axes]\ntppe.count = [2]\n", "--by", "tppe.count", "--table",
                                                     code=2).stderr)

    def test_seeds_have_mean_deviation_and_interval(self):
        done = self.sweep("seeds = 4\n[axes]\ntppe.count = [2, 8]\nlayer.channels = [100]\n"
                          "layer.weight_sparsity = [0.7]\n", "--json")
        best = json.loads(done.stdout)["best"][0]
        cycles = [p["figures"]["totals.cycles"] for p in self.points()
                  if p["axes"]["tppe.count"] == best["axes"]["tppe.count"]]
        self.assertEqual((best["points"], len(cycles)), (4, 4))
        self.assertGreater(statistics.stdev(cycles), 0)
        self.assertAlmostEqual(best["mean"], statistics.mean(cycles))
        self.assertAlmostEqual(best["deviation"], statistics.stdev(cycles))
        half = 3.182446305284263 * statistics.stdev(cycles) / 2  # Student's t, 3 degrees of freedom
        self.assertAlmostEqual(best["interval_95"][0], statistics.mean(cycles) - half, places=6)
        self.assertRegex(self.vp("best", "points").stdout, r"fewest cycles +point +seeds +mean +deviation +\+- \(95 %\)")

    def test_divisions_by_0(self):
        done = self.sweep('[axes]\nlayer.spike_sparsity = [0, 1]\nlayer.silent_ratio = [0, 1]\n'
                          'constraints = ["1 < 2"]\n', code=2)
        self.assertIn("it stands above the first one", done.stderr)
        zip_axes = "[[zip]]\nlayer.spike_sparsity = [0, 1]\nlayer.silent_ratio = [0, 1]\n"
        done = self.sweep(zip_axes + '[derived]\nx = "totals.cycles / totals.matches"\n', code=1)
        self.assertIn('1 points have a derived figure that divides by 0; the first is point 1: derived.x: '
                      '"totals.cycles / totals.matches" divides by 0', done.stderr)
        self.assertIsNone(self.points()[1]["derived"]["x"])


class Files(Case):
    def test_damaged_points_name_file_line_and_key(self):
        file = self.file("sweep.toml", f'base = "{self.layer()}"\n[axes]\n'
                         'accelerator = ["loas", "dense-snn"]\nmemory.backend = ["dram", "ideal"]\n')
        self.vp("sweep", file, "--out", "points", "--quiet")
        self.vp("report", "points")  # every design and backend has its figures
        path = os.path.join(self.folder, "points", "points.jsonl")
        with open(path, encoding="utf-8") as points:
            text = points.read()
        with open(path, "w", encoding="utf-8") as points:
            points.write(re.sub(r'("index":1,.*"totals.cycles":)\d+', r"\1null", text))
        for words in (["report", "points"], ["merge", "points", "--out", "merged"], ["best", "points"],
                      ["sweep", file, "--out", "points", "--resume"]):
            self.assertRegex(self.vp(*words, code=2).stderr,
                             r"points/points.jsonl:2: not the line of a point.*figures.totals.cycles is null")

    def test_pipes_without_a_writer(self):
        for name in ("pipe", "results.json", "pipe.jsonl"):
            os.mkfifo(os.path.join(self.folder, name))
        for words in (["run", "pipe"], ["sweep", "pipe"], ["explain", "pipe"], ["diff", "pipe", "pipe"],
                      ["report", "pipe"], ["report", "pipe.jsonl"], ["cost", "."], ["dram", "pipe"],
                      ["run", self.layer(), "--set", "layer.spikes_file=pipe"]):
            done = subprocess.run([VP, *words], cwd=self.folder, capture_output=True, timeout=20, check=False)
            self.assertEqual(done.returncode, 2, f"{words}: {done.stderr}")

    def test_files_that_may_not_grow(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        for words in (["--log=log.txt"], ["--trace", "dram=trace.csv"], []):
            done = self.vp("run", self.layer(), "--quiet", "--out", "out", *words, code=2, preexec_fn=limit)
            self.assertIn("cannot write", done.stderr)
            self.assertFalse(os.path.exists(os.path.join(self.folder, "out", "results.json")))

    def test_a_time_names_its_key(self):
        for key in ("t_ck_ns", "t_rcd_ns", "t_refi_ns"):
            done = self.vp("run", self.layer(), "--set", f"dram.{key}=-1", code=2)
            self.assertIn(f"--set dram.{key}=-1: dram.{key} = -1", done.stderr)
        done = self.vp("run", self.layer(), "--set", "dram.t_ck_ns=0.000001", code=2)
        self.assertIn("dram.t_", done.stderr.split(": ", 1)[1])

    def test_numbers_beyond_64_bits_of_any_kind(self):
        typed = "-123456789012345678901234567890"
        for key in ("layer.seed", "cache.size_kib", "layer.threshold"):
            self.assertIn(f"{key} = {typed} is out of range",
                          self.vp("run", self.layer(), "--set", f"{key}={typed}", code=2).stderr)
        with open(os.path.join(self.folder, self.layer()), "a", encoding="utf-8") as file:
            file.write("seed = " + typed.strip("-") + "\n")
        self.assertRegex(self.vp("run", self.layer(), code=2).stderr, r"layer.toml:13:.*123456789012345678901234567890")

    def test_keys_of_lists_are_those_that_are_read(self):
        table = self.vp("options", "--layers").stdout
        keys = re.findall(r"(?m)^\| `(\w+)` \|", table)
        needed = re.findall(r"(?m)^\| `(\w+)` \|.*\(needed\)", table)
        with open(os.path.join(SOURCE, "scenarios", "networks", "vgg16.toml"), encoding="utf-8") as file:
            used = set(re.findall(r"(?m)^(\w+) = ", file.read()))
        self.assertEqual(used - set(keys), set())
        self.file("list.toml", "[[layers]]\nname = \"x\"\n")
        run = ("run", self.layer(), "--set", "workload.kind=layers", "--set", "workload.layers=list.toml")
        told = self.vp(*run, code=2).stderr
        self.assertIn(f"... and {len(needed) - 11} more", told)
        for key in needed[1:11]:
            self.assertIn(f"list.toml:1: {key} is missing", told)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

#!/usr/bin/python3
"""Layers from files and outputs as files, and the folders of results that they leave.

usage: tensor_files.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import unittest

from one_layer import ALL_DESIGNS, B1, Case, DESIGNS, F4, I1, I4, Layer, SOURCE, U1, VP, read_npy


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

    def test_bytes(self):
        """A layer of an ANN, in NumPy's order of axes: sums, right shift with halves up, cut; its output is the next input."""
        self.file("empty.toml", "")
        self.npy("x.npy", U1, (2, 1, 2), [200, 0, 3, 255])  # [channel][row][column]
        self.npy("w.npy", I1, (3, 2), [100, -128, -1, 127, 0, 1])
        self.npy("b.npy", I4, (3,), [5, 0, 7])
        ann = next(each for each in ALL_DESIGNS if each.endswith("-ann"))
        files = [f"layer.{key}_file={os.path.join(self.folder, name)}" for key, name in
                 (("spikes", "x.npy"), ("weights", "w.npy"), ("bias", "b.npy"))]
        words = [word for each in (*files, "accelerator=" + ann, "layer.shift=4", "layer.kernel=1", "layer.padding=0")
                 for word in ("--set", each)]
        done = self.vp("run", "empty.toml", "--json", "--out", "out", "--save-outputs", "saved", *words, "--set",
                       "workload.kind=layer")
        self.assertEqual(json.loads(done.stdout)["golden"], "equal")
        pixels = [(200, 3), (0, 255)]
        weights, bias = [(100, -128), (-1, 127), (0, 1)], [5, 0, 7]
        expected = [[[min(max((w[0] * p[0] + w[1] * p[1] + b + 8) >> 4, 0), 255) for p in pixels]]
                    for w, b in zip(weights, bias)]
        saved = os.path.join(self.folder, "saved", "empty.npy")
        flat = [each for plane in expected for row in plane for each in row]
        self.assertEqual(read_npy(saved), ((3, 1, 2), flat))
        again = self.vp("run", "empty.toml", "--json", "--out", "again", "--set", "workload.kind=layer", "--set",
                        "accelerator=" + ann, "--set", "layer.spikes_file=" + saved, "--set", "layer.kernel=1", "--set",
                        "layer.padding=0")
        self.assertEqual(json.loads(again.stdout)["layers"][0]["non_silent_inputs"],
                         sum(each != 0 for each in flat))

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
                          os.listdir(os.path.join(self.folder, "saved")) if name != "units.json"},
                         {"conv1.npy": (3, 4, 16, 8, 8), "conv2.npy": (3, 4, 32, 4, 4), "conv3.npy": (3, 4, 40, 4, 4), "fc.npy": (3, 4, 10, 1, 1),
                          "class_scores.npy": (3, 10), "class_scores_network_units.npy": (3, 10)})
        self.vp("run", digits, "--out", "out", "--force", "--quiet", "--save-outputs", "one", "--set", "workload.max_images=1")
        self.assertEqual(read_npy(os.path.join(self.folder, "one", "fc.npy"))[0], (1, 4, 10, 1, 1), "an input is an axis")
        again = ["run", digits, "--out", "again", "--quiet", "--save-outputs", "one", "--set", "workload.max_images=1"]
        self.assertNotIn("not of this run", self.vp(*again).stderr)
        self.file("empty.toml", "")
        done = self.vp("run", "empty.toml", "--json", "--out", "next", "--save-outputs", "one", "--set", "workload.kind=layer",
                       "--set", "layer.spikes_file=one/conv1.npy", "--set", "layer.out_channels=3")
        self.assertIn("--save-outputs one: not of this run, and there before it: class_scores.npy, class_scores_network_units.npy, "
                      "conv1.npy, conv2.npy, conv3.npy, fc.npy, units.json\n", done.stderr)
        configuration = json.loads(done.stdout)["configuration"]
        self.assertEqual([configuration["layer." + key] for key in ("channels", "height", "width")], [16, 8, 8])
        with open(os.path.join(self.folder, "out", "results.json"), encoding="utf-8") as file:
            predictions = json.load(file)["accuracy"]["predictions"]
        currents = read_npy(os.path.join(self.folder, "saved", "fc.npy"))[1]
        with open(os.path.join(self.folder, "saved", "units.json"), encoding="utf-8") as file:
            units = json.load(file)
        self.assertEqual({name: len(each["network_units_of_1"]) if name == "fc.npy" else 1 for name, each in units.items()},
                         {"class_scores.npy": 1, "fc.npy": 10})
        in_units = read_npy(os.path.join(self.folder, "saved", "class_scores_network_units.npy"))[1]
        for image, predicted in enumerate(predictions):  # the class with the largest sum over T
            scores = [sum(currents[(image * 4 + t) * 10 + n] for t in range(4)) for n in range(10)]
            self.assertEqual(scores.index(max(scores)), predicted)
            self.assertEqual(read_npy(os.path.join(self.folder, "saved", "class_scores.npy"))[1][10 * image:10 * image + 10],
                             scores)
            for n, score in enumerate(scores):
                self.assertAlmostEqual(in_units[10 * image + n], score * units["class_scores.npy"]["network_units_of_1"])
                self.assertAlmostEqual(in_units[10 * image + n], score * units["fc.npy"]["network_units_of_1"][n])

        self.assertEqual(set(read_npy(os.path.join(self.folder, "saved", "conv1.npy"))[1]), {0, 1})  # the host's

    def test_mistakes(self):
        self.npy("half.npy", F4, (2, 1, 3), [0, 1, 0, 0, 0.5, 1])
        with open(os.path.join(self.folder, "own.toml"), "w", encoding="utf-8") as file:
            file.write('workload.kind = "layer"\n[layer]\nspikes_file = "half.npy"\n')
        self.assertIn("half.npy (layer.spikes_file): element [1, 0, 1] is 0.5; with timesteps in front, spikes are 0 or 1",
                      self.vp("run", "own.toml", code=2).stderr)
        self.assertIn("--set layer.channels=4: ", self.vp("run", "own.toml", "--set", "layer.channels=4", code=2).stderr)
        self.file("taken", "")
        self.assertIn("--save-outputs taken: ", self.vp("run", "own.toml", "--save-outputs", "taken", code=2).stderr)
        digits = os.path.join(SOURCE, "scenarios", "quickstart", "digits.toml")
        self.assertIn("--neurobench none/x.json: no such folder: ",
                      self.vp("run", digits, "--neurobench", "none/x.json", code=2).stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "none")))

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


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

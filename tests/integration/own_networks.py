#!/usr/bin/python3
"""What is said of a network of one's own when it runs: guesses, calibration, names that no file can have.

usage: own_networks.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import json
import os
import re
import sys
import unittest

from one_layer import SOURCE, U1, Case

try:
    import h5py
except ImportError:
    h5py = None

NETWORK = os.path.join(SOURCE, "scenarios", "own-network", "residual.nir")
IMAGES = os.path.join(SOURCE, "scenarios", "quickstart", "digits_images.npy")
GUESSES = ["what a spike leaves is guessed, hard reset", "that 1 in the inputs is 1 to the network is guessed"]
SAID = ["--set", "workload.reset=hard", "--set", "workload.input_scale=0.0625"]


class Networks(Case):
    def run_(self, *words, code=0, images=1):
        """Result, and standard error in one line."""
        done = self.vp("run", *words, "--json", "--out", "out", "--force", "--set", f"workload.max_images={images}", code=code)
        return json.loads(done.stdout) if code == 0 else None, " ".join(done.stderr.split())

    def scenario(self, keys="time_step = 1e-3"):
        return self.file("net.toml", f'[workload]\nnetwork = "{NETWORK}"\nimages = "{IMAGES}"\ntimesteps = 4\n{keys}\n')

    def test_what_a_scenario_leaves_out_is_told(self):
        told, result = {}, {}
        for name, words in (("scenario", [self.scenario()]),
                            ("alone", [NETWORK, "--inputs", IMAGES, "--set", "workload.timesteps=4"])):
            result[name], told[name] = self.run_(*words)
            self.assertIn("assumed: reset hard; NIR cannot say it (workload.reset)", told[name])
            self.assertEqual([next(guess for guess in GUESSES if each.startswith(guess)) for each in result[name]["guesses"]], GUESSES)
        self.assertIn("assumed: one count of an input stands for 1, the default (workload.input_scale)", told["scenario"])
        self.assertIn("assumed: time step 0.00100000005, with which the gain of 'lif1' is 1", told["alone"])
        self.assertEqual(result["scenario"]["layers"], result["alone"]["layers"])
        page = self.vp("report", "out", "--out", "page.html")
        self.assertIn("page.html", page.stdout)
        result, told = self.run_(self.scenario(), *SAID)
        self.assertNotIn("guesses", result)
        self.assertEqual(told.count("assumed: "), told.count("(workload.input_axes)"), told)
        _, told = self.run_(self.scenario(""), *SAID, code=2)
        self.assertIn("assumed: a timestep is 1 long, the default (workload.time_step)", told)
        self.assertIn("tau is 0.00200000009, less than the time step of 1; ", told)

    def test_a_comparison_tells_once_what_is_of_all_designs(self):
        done = self.vp("compare", self.scenario(), "--accelerators", "loas,ptb", "--quiet", "--set", "workload.max_images=1",
                       "--set", "workload.calibrate=2")
        messages = done.stderr.splitlines()
        for told in ("loas-vp: assumed: reset hard", "loas-vp: assumed: one count of an input", "loas-vp: assumed: the first axis",
                     "loas-vp: calibrated by 2 images: layer conv1"):
            self.assertEqual(sum(each.startswith(told) for each in messages), 1, done.stderr)
        above = " ".join(done.stdout.split("\nnet (literal")[0].split())
        for guess in (*GUESSES, "calibration is left out"):
            self.assertEqual(above.count("Warning: " + guess), 1, above)

    def test_the_float_network_runs_beside_unless_told(self):
        beside = [self.run_(self.scenario(), *SAID, *words, images=3)[0].get("float_network", {}).get("images")
                  for words in ([], ["--set", "workload.float_images=2"], ["--set", "workload.float_images=0"])]
        self.assertEqual(beside, [3, 2, None])

    def test_a_network_that_cannot_run_leaves_nothing(self):
        broken = self.file("broken.nir", "no network")
        self.run_(self.scenario(), "--set", "workload.network=" + broken, code=2)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "out")))

    def deep(self, layers, threshold=0.5):
        """A network of layers that hand on ten spikes, behind one that has this threshold, and inputs, half of them 0."""
        path, words = os.path.join(self.folder, "deep.nir"), h5py.string_dtype()
        names = [f"{each}{i}" for i in range(layers) for each in ("weights", "neurons")]
        with h5py.File(path, "w") as file:
            nodes = file.create_group("node/nodes")
            file["node"].create_dataset("type", data="NIRGraph", dtype=words)
            file["node"].create_dataset("edges", data=list(zip(["input", *names], [*names, "output"])), dtype=words)
            for name in ["input", *names, "output"]:
                fields = ({"type": "Linear", "weight": [[float(i == j) for i in range(10)] for j in range(10)]}
                          if name.startswith("weights") else
                          {"type": "IF", "r": [1.0] * 10, "v_threshold": [threshold if name == names[1] else 0.5] * 10}
                          if name.startswith("neurons") else
                          {"type": name.capitalize(), "shape": [10]})
                for key, value in fields.items():
                    nodes.create_dataset(f"{name}/{key}", data=value, dtype=words if key == "type" else None)
        return [path, "--inputs", self.npy("deep.npy", U1, (1, 10), [0, 16] * 5), *SAID]

    @unittest.skipIf(h5py is None, "no h5py")
    def test_more_layers_than_the_queue_holds(self):
        """Layers end while others are submitted."""
        network = self.deep(layers=18, threshold=9)  # nothing spikes: short layers
        for entries in (2, 8, 16):
            result, _ = self.run_(*network, "--set", f"queue.entries={entries}")
            self.assertEqual(result["golden"], "equal")

    @unittest.skipIf(h5py is None, "no h5py")
    def test_what_a_check_says_is_silent_is_so_in_a_block_of_timesteps(self):
        """A spike at every fifth of 40 timesteps: in 8 of 10 blocks of four, of half of the inputs."""
        network = [*self.deep(layers=2, threshold=4.5), "--set", "workload.timesteps=40"]
        checked = json.loads(self.vp("check", *network, "--json").stdout)["layers"][1]
        ran = self.run_(*network)[0]["layers"][0]
        inputs = ran["runs"] * ran["m"] * ran["k"]
        self.assertEqual((round(checked["silent_ratio"], 6), round(checked["spike_sparsity"], 6)), (0.6, 0.9))
        self.assertEqual((1 - ran["non_silent_inputs"] / inputs, 1 - ran["spikes"] / inputs / 4), (0.6, 0.9))

    def renamed(self, **names):
        """A copy of the network, with other names of nodes: text, or bytes."""
        names = {before: now if isinstance(now, bytes) else now.encode() for before, now in names.items()}
        copy = os.path.join(self.folder, "renamed.nir")
        with open(NETWORK, "rb") as source, open(copy, "wb") as to:
            to.write(source.read())
        with h5py.File(copy, "r+") as file:
            for before, now in names.items():
                file.move(b"node/nodes/" + before.encode(), b"node/nodes/" + now)
            edges = [[names.get(each.decode(), each) for each in edge] for edge in file["node/edges"][()]]
            del file["node/edges"]
            file["node"].create_dataset("edges", data=edges, dtype=h5py.string_dtype())
        return copy

    @unittest.skipIf(h5py is None, "no h5py")
    def test_names_of_files(self):
        def saved(code=0, **names):
            return self.run_(self.scenario(), *SAID, "--set", "workload.network=" + self.renamed(**names), "--save-outputs", "saved",
                             code=code)
        saved(conv1="a\n", conv2="a\x02", conv3="a%02", fc="..")
        self.assertEqual({each for each in os.listdir(os.path.join(self.folder, "saved"))},
                         {"a%0A.npy", "a%02.npy", "a%02'.npy", "%2E..npy", "class_scores.npy", "class_scores_network_units.npy", "units.json"})
        self.assertEqual(saved(conv1=b"\xff", conv2=b"b\xc2\x9b", fc="\u202e")[0]["layers"][-1]["name"], "%E2%80%AE")
        self.assertLessEqual({"%FF.npy", "b%C2%9B.npy"}, set(os.listdir(os.path.join(self.folder, "saved"))))
        before = os.listdir(os.path.join(self.folder, "out"))
        self.assertIn("layer 'class_scores' would be written to class_scores.npy, where the scores are; call its node otherwise",
                      saved(fc="class_scores", code=2)[1])
        self.assertIn("results.json", before)
        self.assertEqual(os.listdir(os.path.join(self.folder, "out")), before, "refused before an older result goes")
        self.assertIn("has a name of 300 bytes, too long for that of a file", saved(conv2="x" * 300, code=2)[1])
        self.assertIn("layer 'a.currents' has the name of the currents of layer 'a'", saved(conv2="a", fc="a.currents", code=2)[1])

    def test_calibration_by_few_inputs_is_warned_of(self):
        for count, warned in ((31, True), (32, False)):
            result, told = self.run_(self.scenario(), *SAID, "--calibrate", str(count))
            self.assertEqual(any(f"calibrated by {count} inputs only" in each for each in result["float_network"]["warnings"]), warned)
            self.assertRegex(told, f"calibrated by {count} images: on {count} further inputs \\(of {360 - count}\\) ")

    def test_calibration_that_makes_others_worse_is_left_out(self):
        scenario = os.path.join(os.path.dirname(NETWORK), "residual.toml")
        without, _ = self.run_(scenario, images=5)
        result, told = self.run_(scenario, "--calibrate", "5", images=5)
        warning = next(each for each in result["float_network"]["warnings"] if each.startswith("calibration is left out"))
        found = re.search(r"on 5 further inputs \(of \d+\) ([\d.]+) % of all spikes differ with it, ([\d.]+) % without", warning)
        self.assertGreater(float(found[1]), float(found[2]))
        self.assertIn(found[0], told)
        self.assertEqual(result["layers"], without["layers"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

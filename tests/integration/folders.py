#!/usr/bin/python3
"""Folders of results: moved, mailed, asked for by two at once, and left by runs that fail.

usage: folders.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
import zipfile

from one_layer import I1, U1, VP, Case


class Folders(Case):
    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def bytes_of(self, *parts):
        with open(self.path(*parts), "rb") as file:
            return file.read()

    def layer_of_files(self):
        """A layer whose spikes are an entry of an archive, in a folder of their own."""
        os.makedirs(self.path("data"), exist_ok=True)
        self.npy("data/weights.npy", I1, (3, 4), list(range(12)))
        self.npy("data/spikes.npy", U1, (2, 4), [1, 3, 0, 5, 8, 15, 2, 0])
        with zipfile.ZipFile(self.path("data", "tensors.npz"), "w") as archive:
            archive.write(self.path("data", "spikes.npy"), "spikes.npy")
        text = 'include = "layer.toml"\n[layer]\nspikes_file = "data/tensors.npz:spikes"\nweights_file = "data/weights.npy"\n'
        self.layer()
        return self.file("of_files.toml", text)

    def test_a_moved_result_is_whole(self):
        self.vp("run", self.layer_of_files(), "--out", "out/deep")
        shutil.move(self.path("out", "deep"), self.path("mailed"))
        for gone in ("data", "out"):
            shutil.rmtree(self.path(gone))
        for gone in ("layer.toml", "of_files.toml"):
            os.remove(self.path(gone))
        self.assertNotIn(self.folder.encode(), self.bytes_of("mailed", "scenario.toml"), "an absolute path")
        self.vp("run", "mailed", "--quiet", "--out", "again")
        self.vp("run", "mailed/scenario.toml", "--quiet", "--out", "mailed")  # into itself: it reads what it writes
        for file in ("results.json", "scenario.toml", "inputs/layer.spikes_file/tensors.npz"):
            self.assertEqual(self.bytes_of("again", file), self.bytes_of("mailed", file), file)
        self.vp("report", "mailed", "-o", "page.html")
        self.vp("diff", "mailed", "again")
        self.vp("explain", "mailed")
        self.vp("cost", "mailed")
        self.vp("compare", "mailed", "--quiet", "--accelerators", "loas,dense-snn")
        os.remove(self.path("mailed", "inputs", "layer.weights_file", "weights.npy"))
        for command in ("run", "explain", "compare"):
            told = self.vp(command, "mailed", code=2).stderr
            self.assertRegex(told, r"mailed/scenario.toml:\d+: layer.weights_file: no such file: "
                                   r"'.*/mailed/inputs/layer.weights_file/weights.npy'; --set layer.weights_file=FILE")

    def test_other_inputs_are_another_run(self):
        scenario = self.layer_of_files()
        self.vp("run", scenario)
        self.vp("run", scenario)
        self.npy("data/weights.npy", I1, (3, 4), [1] * 12)
        self.assertIn("results/of_files-2/", self.vp("run", scenario).stdout)
        self.vp("run", scenario, "--out", "results/of_files", "--force", "--set", "layer.weights_file=")
        self.assertEqual(os.listdir(self.path("results", "of_files", "inputs")), ["layer.spikes_file"])

    def long_run(self, *words):
        """A run under way, whose folder is there."""
        running = subprocess.Popen([VP, "run", self.layer(), "--quiet", "--set", "layer.runs=1000000", *words],
                                   cwd=self.folder, stderr=subprocess.DEVNULL)
        folder = self.path(words[1]) if words else self.path("results", "layer")
        for _ in range(200):
            if os.path.exists(folder):
                break
            time.sleep(0.02)
        time.sleep(0.1)
        self.addCleanup(lambda: (running.poll() is None and running.kill(), running.wait()))
        return running

    def test_a_folder_that_is_not_there_yet_is_locked_too(self):
        running = self.long_run("--out", "fresh")
        done = self.vp("run", self.layer(), "--out", "fresh", code=2)
        self.assertIn("--out fresh: another run is writing there", done.stderr)
        running.send_signal(signal.SIGKILL)
        running.wait()
        self.vp("run", self.layer(), "--out", "fresh")
        self.long_run()
        self.assertIn("results/layer-2/", self.vp("run", self.layer()).stdout)

    def test_a_failed_run_leaves_nothing_that_looks_like_a_result(self):
        lost = ("--quiet", "--set", "dram.lose_response=3")
        self.vp("run", self.layer(), "--out", "new/deep", *lost, code=4)
        self.assertFalse(os.path.exists(self.path("new")))
        scenario = self.layer_of_files()
        self.vp("run", scenario, "--out", "out")
        os.remove(self.path("out", "results.json"))
        os.makedirs(self.path("out", "results.json", "full"))  # cannot be replaced by a file
        self.vp("run", scenario, "--out", "out", "--set", "tppe.count=4", "--force", code=2)
        self.assertEqual(sorted(os.listdir(self.path("out"))), ["inputs", "results.json"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

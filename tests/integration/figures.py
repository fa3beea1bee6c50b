#!/usr/bin/python3
"""Figures and files of loas-vp against values worked out by hand, on layers small enough for that.

usage: figures.py LOAS_VP SOURCE_DIR [NAME...]; names choose tests
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
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


U1, I1 = ("|u1", "B"), ("|i1", "b")


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def vp(self, *words, code=0, **how):
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
                layer, _ = self.run_layer(file, "accelerator=" + design, "workload.single_spike_mask=true")
                self.assertEqual((layer["spikes"], layer["non_silent_inputs"]), (2 + 2 + 4, 3))

    def test_drawn(self):
        # 4 of 8 inputs spike, once each: nothing is left.
        once = ("layer.silent_ratio=0.5", "layer.spike_sparsity=0.875", "workload.single_spike_mask=true")
        layer, result = self.run_layer(*once)
        self.assertEqual((layer["spikes"], layer["non_silent_inputs"], result["golden"]), (0, 0, "equal"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

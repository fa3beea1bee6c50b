"""One layer small enough to work out by hand: its files, what a plain program makes of it, and runs of loas-vp on it.

For tests that are called with LOAS_VP SOURCE_DIR [NAME...].
"""
import ast
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

VP, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
ALL_DESIGNS = next(option["allowed"] for option in json.loads(
    subprocess.run([VP, "options", "--json"], capture_output=True, check=True).stdout)["options"]
    if option["key"] == "accelerator")
DESIGNS = [each for each in ALL_DESIGNS if not each.endswith("-ann")]  # of spikes


def npy(path, kind, shape, values):
    """kind: of NumPy, as |u1, with a struct letter: ("|u1", "B")."""
    header = f"{{'descr': '{kind[0]}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        file.write(struct.pack(f"<{len(values)}{kind[1]}", *values))


U1, I1, B1, F4, I4, I8, F8 = ("|u1", "B"), ("|i1", "b"), ("|b1", "?"), ("<f4", "f"), ("<i4", "i"), ("<i8", "q"), ("<f8", "d")


def read_npy(path):
    """Shape and elements in C order. By NumPy too, where it is installed."""
    with open(path, "rb") as file:
        file.seek(8)
        length, = struct.unpack("<H", file.read(2))
        header, data = ast.literal_eval(file.read(length).decode()), file.read()
    kind = {each[0]: each for each in (U1, I1, B1, F4, I4, I8, F8)}[header["descr"]]
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
        done.stderr = re.sub(r"\n +", " ", done.stderr)  # a message as it was before it became lines
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

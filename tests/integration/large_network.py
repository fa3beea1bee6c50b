#!/usr/bin/python3
"""A network of VGG16's size, 14.7 M weights, written here: how long the program takes until its first layer could run, and
with how much memory.

usage: large_network.py LOAS_VP     (needs h5py and NumPy)

exit code: 0 within the bounds, 1 not, 77 no h5py
"""
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError:
    print("skipped: no h5py")
    sys.exit(77)

CHANNELS = [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512, "pool"]
SIZE, CLASSES, TIME_STEP = 32, 10, 1e-3
MOST_KIB = 400_000
MOST_PROCESSOR_SECONDS = 4.5  # three times what it should take: others use the computer, too


def nodes():
    numbers, channels, size = np.random.default_rng(16), 3, SIZE
    yield "input", "Input", {"shape": np.array([3, SIZE, SIZE])}
    for i, each in enumerate(CHANNELS):
        if each == "pool":
            size //= 2
            yield f"pool{i}", "AvgPool2d", {"kernel_size": np.array([2, 2]), "stride": np.array([2, 2]), "padding": np.array([0, 0])}
            continue
        weight = numbers.normal(0, 1.5 / np.sqrt(9 * channels), (each, channels, 3, 3)).astype(np.float32)
        yield f"conv{i}", "Conv2d", {"weight": weight, "bias": np.zeros(each, np.float32), "groups": 1,
                                     "input_shape": np.array([size, size]), "stride": np.array([1, 1]),
                                     "padding": np.array([1, 1]), "dilation": np.array([1, 1])}
        shape, channels = (each, size, size), each
        yield f"lif{i}", "LIF", {"tau": np.full(shape, 2 * TIME_STEP), "r": np.full(shape, 2.0), "v_leak": np.zeros(shape),
                                 "v_threshold": np.ones(shape), "v_reset": np.zeros(shape)}
    yield "flatten", "Flatten", {"start_dim": 1, "end_dim": -1}
    yield "fc", "Affine", {"weight": numbers.normal(0, 0.05, (CLASSES, channels)).astype(np.float32),
                           "bias": np.zeros(CLASSES, np.float32)}
    yield "output", "Output", {"shape": np.array([CLASSES])}


def write(path):
    names, weights, text = [], 0, h5py.string_dtype()
    with h5py.File(path, "w") as file:
        top = file.create_group("node")
        for name, kind, values in nodes():
            group = top.create_group("nodes/" + name)
            group.create_dataset("type", data=kind, dtype=text)
            for key, value in values.items():
                group.create_dataset(key, data=value)
            names.append(name)
            weights += values.get("weight", np.zeros(0)).size
        top.create_dataset("edges", data=np.array(list(zip(names, names[1:])), dtype=object), dtype=text)
        top.create_dataset("type", data="NIRGraph", dtype=text)
        file.create_dataset("version", data="1.0.8", dtype=text)
    assert weights > 14.7e6, weights


def main():
    loas_vp = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "vgg16.nir")
        write(file)
        # Of the program, or of the child in which it reads the file, whichever takes more.
        process = subprocess.Popen([loas_vp, "check", file], stdout=subprocess.PIPE, text=True)
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = used.ru_utime + used.ru_stime
    print(f"{seconds:.2f} s of processor time, {used.ru_maxrss:,} KiB at most")
    wrong = []
    if process.returncode != 0 or "It can run." not in told:
        wrong.append(f"exit code {process.returncode}: {told[-500:]}")
    if used.ru_maxrss > MOST_KIB:
        wrong.append(f"{used.ru_maxrss:,} KiB are more than {MOST_KIB:,}")
    if seconds > MOST_PROCESSOR_SECONDS:
        wrong.append(f"{seconds:.2f} s are more than {MOST_PROCESSOR_SECONDS}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

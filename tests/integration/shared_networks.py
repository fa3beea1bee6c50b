#!/usr/bin/env python3
"""Trained networks of others, which lie beside the project: they keep their frameworks' accuracy in 8 bits.

usage: shared_networks.py LOAS_VP FOLDER        (FOLDER has trained/*.nir with their inputs and labels, and other *.nir)

exit code: 0 all as expected, 1 a difference, 77 the folder is not there
"""
import json
import os
import subprocess
import sys
import tempfile

IMAGES = 360
# network, reset, right classes of the framework, how many fewer or more may be right, differing spikes of hidden layers in %
TRAINED = [("A_sub", "exporter", 352, 3, [0.3, 1, 2.5]),
           ("A_zero", "hard", 352, 1, None),
           ("B_hard", "exporter", 354, 1, None),
           ("A_out", "hard", 353, 8, None)]  # an outlier weight in each of two layers: 345 at least


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    loas_vp, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    trained = os.path.join(folder, "trained")
    if not os.path.isdir(trained):
        print(f"skipped: there is no {trained}")
        return 77
    wrong = []
    with tempfile.TemporaryDirectory() as out:
        for name, reset, right, tolerance, spikes in TRAINED:
            command = [loas_vp, "run", os.path.join(trained, name + ".nir"), "--inputs", os.path.join(trained, "x.npy"),
                       "--labels", os.path.join(trained, "y.npy"), "--set", "workload.input_scale=0.0625", "--set",
                       f"workload.reset={reset}", "--timing", "lt", "--json", "--out", os.path.join(out, name)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                wrong.append(f"{name}: exit code {done.returncode}: {done.stderr[-500:]}")
                continue
            result = json.loads(done.stdout)
            correct = result["accuracy"]["correct"]
            print(f"{name}: {correct} of {IMAGES} right, {right} by its framework")
            if result["golden"] != "equal" or abs(correct - right) > tolerance:
                wrong.append(f"{name}: golden {result['golden']}, {correct} right instead of {right}")
            for layer, most in zip(result["float_network"]["layers"], spikes or []):
                if 100 * layer["spike_disagreement"] > most:
                    wrong.append(f"{name}: layer {layer['name']}: {layer['spike_disagreement']:.2%} of its spikes differ")
    for kind in ("real", "exported"):
        for file in sorted(os.listdir(os.path.join(folder, kind))):
            done = subprocess.run([loas_vp, "check", os.path.join(folder, kind, file)], capture_output=True, text=True)
            told = "It can run." if done.returncode == 0 else "finding" if done.stdout else file
            if done.returncode not in (0, 2) or told not in done.stdout + done.stderr:
                wrong.append(f"check {file}: exit code {done.returncode}: {done.stderr[-500:]}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

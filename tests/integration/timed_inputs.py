#!/usr/bin/env python3
"""Inputs with time on the whole machine: timed_inputs.py LOAS_VP SOURCE_DIR

Frames, spikes, events and archives are made here. What blocks of timesteps make of an input is held against hardware
that holds all of them at once, byte by byte.
"""
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import zipfile

vp, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
quickstart = source / "scenarios/quickstart"
nmnist = source.parent / "shared/nir/real/sinabs_nmnist_cnn.nir"


def npy(descr, shape, data):
    kind = descr if descr.startswith("[") else repr(descr)
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {tuple(shape)!r}, }}"
    header += " " * (64 - (10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header.encode() + data


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as to:
        for name, data in members.items():
            to.writestr(name + ".npy", data)


def run(*arguments, code=0):
    done = subprocess.run([vp, "run", *map(str, arguments), "--json", "--force"], capture_output=True, text=True)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return (json.loads(done.stdout) if code == 0 else None), " ".join(done.stderr.split())


def rate_coded(images, timesteps):
    """[image][timestep][pixel] of 0 and 1, by each pixel's share of 16."""
    draw = random.Random(3)
    return [[bytes(draw.random() * 16 < pixel for pixel in image) for _ in range(timesteps)] for image in images]


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def blocks_equal_the_whole(work, network, data):
    """Spikes and numbers in one block and in 4 or 6 (of which the last is not full), on designs that carry potentials."""
    for name, kind, ways in (("spikes", "x", ((16, "loas"), (4, "loas-nmtk"), (4, "dense-snn"))),
                             ("numbers", "n", ((16, "loas"), (4, "loas"), (3, "loas")))):
        outputs, results = [], []
        for held, design in ways:
            folder = work / f"{name}_{held}_{design}"
            result, said = run(network, "--inputs", f"{data}:{kind}", "--labels", f"{data}:y", "--out", work / "run",
                               "--save-outputs", folder, "--set", f"tppe.max_timesteps={held}", "--set",
                               f"accelerator={design}", "--set", "workload.reset=delayed")
            assert result["golden"] == "equal", (name, held, design)
            assert ("on the accelerator" in said) == (name == "spikes"), said
            assert result.get("blocks", {"count": 1})["count"] == -(-16 // held), result.get("blocks")
            outputs.append(files(folder))
            results.append(result)
        assert all(each == outputs[0] for each in outputs), "blocks change an output"
        assert all(each["accuracy"] == results[0]["accuracy"] for each in results)
        assert len(results[0]["layers"]) == (4 if name == "spikes" else 3)
        assert results[1]["layers"][0]["timesteps"] == 4 and results[1]["layers"][0]["runs"] == 4 * 2
        carried = results[1]["totals"]["request_bytes"]["partial_sums"]
        assert carried > 0 and results[0]["totals"]["request_bytes"]["partial_sums"] == 0


def main():
    images = (quickstart / "digits_images.npy").read_bytes()[-360 * 64:]
    labels = (quickstart / "digits_labels.npy").read_bytes()[-360:]
    network = quickstart / "digits.nir"
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        data = work / "data.npz"
        chosen = [images[64 * i:64 * i + 64] for i in range(2)]
        frames = rate_coded(chosen, 16)
        numbers = b"".join(bytes((pixel + t) % 17 for pixel in image) for image in chosen for t in range(16))
        archive(data, {"x": npy("|b1", (2, 16, 1, 8, 8), b"".join(b"".join(each) for each in frames)),
                       "n": npy("|u1", (2, 16, 1, 8, 8), numbers), "y": npy("|u1", (2,), labels[:2])})
        blocks_equal_the_whole(work, network, data)

        _, said = run(network, "--inputs", f"{data}:x", "--out", work / "run", "--set", "accelerator=gospa-snn", code=2)
        assert "carries no potentials" in said and "loas" in said, said

        # A few MB that would unpack to 2 GiB, in a fraction of the memory.
        bomb = work / "bomb.npz"
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as to, to.open("x.npy", "w") as member:
            member.write(npy("|u1", (1 << 25, 1, 8, 8), b""))
            member.write(bytes(1 << 20))
        done = bytearray(bomb.read_bytes())
        at = done.rfind(b"PK\x01\x02") + 24
        done[at:at + 4] = struct.pack("<I", (1 << 31) + 128)
        bomb.write_bytes(done)
        _, said = run(network, "--inputs", f"{bomb}:x", "--out", work / "run", code=2)
        assert "more than the limit of 1024 MiB" in said, said

        if not nmnist.exists():
            print("skipped: no ../shared/nir/real/sinabs_nmnist_cnn.nir")
            return
        draw = random.Random(5)
        times = sorted(draw.randrange(300000) for _ in range(4000))
        events = b"".join(struct.pack("<IBBB", t, draw.randrange(34), draw.randrange(34), draw.randrange(2)) for t in times)
        record = "[('t', '<u4'), ('y', '|u1'), ('x', '|u1'), ('p', '|b1')]"
        (work / "events.npy").write_bytes(npy(record, (4000,), events))
        result, said = run(nmnist, "--inputs", work / "events.npy", "--out", work / "run", "--set",
                           "workload.event_step=5000", "--set", "tppe.max_timesteps=16")
        assert result["golden"] == "equal" and result["blocks"] == {"timesteps": 60, "count": 4}, result["blocks"]


main()

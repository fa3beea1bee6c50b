#!/usr/bin/python3
"""Random networks as .nir files: they run golden-equal, and the float network beside them is the one that NumPy computes.

usage: random_networks.py LOAS_VP [--draws N] [--first SEED] [--keep DIR]

Writer and arithmetic are independent of the project: files are written with h5py in the layout of the public library
(a group `node` with `nodes`, `edges` and `type`; each node a group of its datasets), and what they compute is worked out
from the same arrays (numpy_network.py). Of each network on some random inputs are compared: the spike rate of every layer, and the class
of every input. A third of the networks are such that 8 bits hold them exactly (weights of 1/64 steps up to 127/64 in each
row, integrators): of these no spike may differ at all between the accelerator and NumPy; of the others a few (most_differing).

exit code: 0 all as expected, 1 a difference (the command that repeats it is printed), 77 h5py is not installed
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError:
    print("skipped: python3-h5py is not installed")
    sys.exit(77)

from numpy_network import TIME_STEP, by_channel, compute

MOST_NODES = 16


# ---------------------------------------------------------------- drawing and writing

class Network:
    """Layers one behind the other, with branches around some; `exact`: 8 bits lose nothing of it."""

    def __init__(self, rng):
        self.rng, self.nodes, self.edges, self.last = rng, {}, [], []
        self.reset = rng.choice(["hard", "soft", "delayed"])
        self.numbers = np.random.default_rng(rng.getrandbits(32))
        self.exact = rng.random() < 0.34
        self.spiking, self.padded = [], False
        self.shape = (rng.randint(1, 3), rng.randint(4, 9), rng.randint(4, 9))
        if rng.random() < 0.25:
            self.shape = (rng.randint(3, 40),)
        self.put("Input", shape=np.array(self.shape))
        for layer in range(rng.randint(1, 4)):
            before = self.last
            self.draw_sum(layer == 0)
            if layer > 0:
                self.draw_branch_of_input()
            self.draw_neuron()
            if layer > 0 and self.room() > 4:
                self.draw_branch(before)
        self.draw_end()

    def room(self):
        return MOST_NODES - len(self.nodes)

    def put(self, kind, **datasets):
        name = f"{kind.lower()}_{len(self.nodes)}" if self.rng.random() < 0.8 else f"{len(self.nodes)}.x"
        if self.rng.random() < 0.1:  # names that differ by what no screen shows
            name = "x%" + chr(len(self.nodes) + 1)
        self.nodes[name] = {"type": kind, **datasets}
        self.edges += [(each, name) for each in self.last]
        self.last = [name]
        return name

    def weights(self, *shape):
        if not self.exact:
            return self.numbers.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape) * self.rng.choice([1, 2])
        steps = self.numbers.integers(-127, 128, shape) * (self.numbers.random(shape) < 0.7)
        steps.reshape(shape[0], -1)[:, 0] = self.numbers.choice([-127, 127], shape[0])
        return steps / 64

    def bias(self, count):
        if self.rng.random() < 0.3:
            return np.zeros(count)
        return self.numbers.integers(-40, 40, count) / 64 if self.exact else self.numbers.normal(0, 0.2, count)

    def convolution(self, channels, kernel, stride, padding, dilation=1, groups=1):
        size = [(side + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for side in self.shape[1:]]
        self.put("Conv2d", weight=self.weights(channels, self.shape[0] // groups, kernel, kernel),
                 bias=self.bias(channels), stride=np.array([stride] * 2), padding=np.array([padding] * 2),
                 dilation=np.array([dilation] * 2), groups=np.int64(groups), input_shape=np.array(self.shape[1:]))
        self.shape = (channels, *size)

    def pool(self, overlapping=False):
        size, padding = (3, 1) if overlapping else (2, 0)
        self.put(self.rng.choice(["SumPool2d"] if self.exact else ["SumPool2d", "AvgPool2d"]),
                 kernel_size=np.array([size] * 2), stride=np.array([2, 2]), padding=np.array([padding] * 2))
        self.shape = (self.shape[0], *[(side + 2 * padding - size) // 2 + 1 for side in self.shape[1:]])

    def scale(self):
        self.put("Scale", scale=self.numbers.uniform(0.5, 1.5, self.rng.choice([1, self.shape[0]])))

    def draw_sum(self, first):
        rng, self.in_parts, self.padded = self.rng, False, False
        if len(self.shape) == 1:
            return self.affine(rng.choice([5, 12, 33]))
        alone = len(self.last) == 1  # a sum of branches is taken by a pool whose windows fill the map
        pooled = not first and rng.random() < 0.3 and min(self.shape[1:]) > 2
        if pooled and (alone or not any(side % 2 for side in self.shape[1:])):
            self.in_parts = True  # which a sum of branches cannot take
            self.pool(alone and not self.exact and rng.random() < 0.3)  # sums of weights may need more than 8 bits
        elif not self.exact and rng.random() < 0.2:
            self.scale()
        kernel = rng.randint(1, min(3, *self.shape[1:]))
        dilation = rng.choice([1, 1, 2]) if 2 * kernel - 1 <= min(self.shape[1:]) else 1
        groups = self.shape[0] if rng.random() < 0.2 else 1
        self.convolution(self.shape[0] * rng.choice([1, 2]) if groups > 1 else rng.choice([3, 8, 17]), kernel,
                         rng.choice([1, 1, 2]), rng.randint(0, 1), dilation, groups)
        if not self.exact and rng.random() < 0.2 and min(self.shape[1:]) >= 2 and self.room() > 6:
            # Its padding has no bias, which only a neuron alone makes up for, and windows of 1 do not reach into it.
            self.padded = alone and kernel == 1 and not self.in_parts and rng.random() < 0.7
            self.pool(self.padded)
        if not self.exact and rng.random() < 0.2:
            self.scale()

    def affine(self, count):
        inputs = self.shape[0]
        self.put("Affine", weight=self.weights(count, inputs), bias=self.bias(count))
        self.shape = (count,)

    def spread(self, low, high):
        """The same for all, or one a channel, written for each neuron, or one a neuron."""
        if self.rng.random() < 0.1:
            return self.numbers.uniform(low, high, self.shape)
        channels = self.numbers.uniform(low, high, self.shape[0] if self.rng.random() < 0.3 else 1)
        return np.broadcast_to(by_channel(channels, np.empty(self.shape)), self.shape).copy()

    def draw_neuron(self):
        rng = self.rng
        kind = "IF" if self.exact else rng.choice(["LIF", "LIF", "IF", "LIF" if self.padded else "CubaLIF", "Threshold"])
        if kind == "Threshold":
            return self.spiking.append(self.put(kind, threshold=self.spread(0.1, 0.8)))
        zero, r = np.zeros(self.shape), np.full(self.shape, 1 / TIME_STEP)
        values = {"v_threshold": self.spread(0.4, 1.5), "v_reset": zero}
        if self.exact:  # on a step of the sums, or, where nothing is subtracted, between two
            between = 0.5 if self.reset == "hard" and rng.random() < 0.5 else 0
            values["v_threshold"] = np.full(self.shape, (rng.randint(20, 120) + between) / 64)
            if rng.random() < 0.2:
                values["v_threshold"] += self.numbers.integers(0, 20, self.shape) / 64
        if rng.random() < 0.4:
            values["v_reset"] = np.full(self.shape, rng.randint(-30, 15) / 64) if self.exact else self.spread(-0.4, 0.3)
        if kind != "IF":
            tau = np.full(self.shape, rng.choice([2, 4, 20]) * TIME_STEP)
            if rng.random() < (0.3 if kind == "LIF" else 0.7):
                tau = self.spread(1.5, 20) * TIME_STEP
            r = np.full(self.shape, 1.0) if rng.random() < 0.5 else tau / TIME_STEP
            if rng.random() < 0.15:  # its sign, or the 0, is that of weights
                r = r * by_channel(self.numbers.choice([1, 1, -1, 0], self.shape[0]), r)
            values["v_leak"] = self.spread(-0.1, 0.1) if rng.random() < 0.2 else zero
            values["tau" if kind == "LIF" else "tau_mem"] = tau
        if kind == "CubaLIF": # of a time step: a LIF; longer: a neuron of the host
            values.update(tau_syn=np.full(self.shape, rng.choice([1, 1, 3]) * TIME_STEP), w_in=self.spread(0.3, 3))
        elif not self.exact and not self.padded and self.room() > 8 and rng.random() < 0.15:  # the synapses of the neurons behind it
            self.draw_filter(zero)
        self.spiking.append(self.put(kind, r=r, **values))

    def draw_filter(self, zero):
        kind, tau, r = self.rng.choice(["LI", "I", "CubaLI"]), self.spread(1.5, 5) * TIME_STEP, self.spread(1, 5)
        if kind == "I":
            self.put(kind, r=r / 2 / TIME_STEP)
        elif kind == "LI":
            self.put(kind, tau=tau, r=r, v_leak=zero)
        else:
            self.put(kind, tau_mem=tau, tau_syn=np.full(self.shape, TIME_STEP), r=r, v_leak=zero,
                     w_in=self.spread(0.3, 1) * self.rng.choice([1, -1]))

    def draw_branch_of_input(self):
        """Numbers that are added to what spikes make."""
        name = next(iter(self.nodes))
        given, last, shape = tuple(self.nodes[name]["shape"]), self.last, self.shape
        fits = len(given) == len(shape) and min(np.subtract(given, shape)[1:], default=0) >= 0
        if not fits or self.in_parts or self.padded or self.room() < 6 or self.rng.random() < 0.7:
            return
        self.last, self.shape = [name], given
        if len(given) == 1:
            self.affine(shape[0])
        else:
            kernel = [a - b + 1 for a, b in zip(given[1:], shape[1:])]
            self.put("Conv2d", weight=self.weights(shape[0], given[0], *kernel), bias=self.bias(shape[0]),
                     stride=np.array([1, 1]), padding=np.array([0, 0]), dilation=np.array([1, 1]), groups=np.int64(1),
                     input_shape=np.array(given[1:]))
        self.last, self.shape = last + self.last, shape

    def draw_branch(self, before):
        """Around the layer just drawn, when it keeps the shape: its neuron takes what came in too, or the next layer does."""
        neuron, given = self.last[0], before[0]
        if len(before) > 1 or given not in self.spiking or self.rng.random() < 0.5:
            return
        if self.nodes[given]["type"] == "Threshold" or self.size_of(given) != self.shape:
            return
        if any(end == neuron and self.nodes[start]["type"] in ("LI", "I", "CubaLI") for start, end in self.edges):
            return
        if self.rng.random() < 0.5 and not self.exact and not self.padded:  # 1 more in its own weight may be more than 127/64
            self.edges.append((given, neuron))
        else:
            self.last = [neuron, given]

    def size_of(self, name):
        return self.nodes[name]["v_threshold"].shape

    def draw_end(self):
        rng = self.rng
        classes = rng.choice([2, 4, 10])
        if len(self.shape) > 1 and rng.random() < 0.2:  # a map of scores
            self.convolution(rng.choice([1, 3]), 1, 1, 0)
            if rng.random() < 0.4:
                self.draw_neuron()
            self.put("Output", shape=np.array(self.shape))
            return
        if len(self.shape) > 1:
            self.put("Flatten", start_dim=np.int64(0), end_dim=np.int64(-1), input_type=np.array(self.shape))
            self.shape = (int(np.prod(self.shape)),)
        self.affine(classes)
        end = rng.choice(["", "LIF", "LI", "I", "CubaLI"])
        tau = self.numbers.uniform(2, 8, self.shape if rng.random() < 0.3 else 1) * np.full(self.shape, TIME_STEP)
        one, zero = np.full(self.shape, 1.0), np.zeros(self.shape)
        if end == "LIF":
            self.draw_neuron()
        elif end == "LI":
            rest = self.numbers.integers(-30, 30, self.shape) / 64 if self.exact else self.spread(-0.5, 0.5)
            self.put("LI", tau=tau, r=one, v_leak=rest if rng.random() < 0.5 else zero)
        elif end == "I":
            self.put("I", r=one)
        elif end == "CubaLI":
            self.put("CubaLI", tau_mem=tau, tau_syn=tau * 2, r=one, v_leak=zero, w_in=one)
        self.put("Output", shape=np.array(self.shape))


def write(network, path):
    """As the public library does: strings as such, arrays and numbers as datasets, a group a node."""
    order = list(network.nodes)
    network.rng.shuffle(order)
    with h5py.File(path, "w") as file:
        top = file.create_group("node")
        for name in order:
            group = top.create_group("nodes/" + name)
            for key, value in network.nodes[name].items():
                if isinstance(value, str):
                    group.create_dataset(key, data=value, dtype=h5py.string_dtype())
                else:
                    packed = network.rng.choice([None, "gzip", "lzf"]) if np.ndim(value) > 0 else None
                    group.create_dataset(key, data=value, compression=packed)
            if network.rng.random() < 0.1:  # what nobody needs is read by nobody, of whatever type
                group.create_dataset("x_fields", data=np.zeros(2, [("a", "i4"), ("b", "f8")]))
                group.create_dataset("x_true", data=True)
        edges = network.rng.sample(network.edges, len(network.edges))
        top.create_dataset("edges", data=np.array(edges, dtype=object), dtype=h5py.string_dtype())
        top.create_dataset("type", data="NIRGraph", dtype=h5py.string_dtype())
        file.create_dataset("version", data="1.0.8", dtype=h5py.string_dtype())


# ---------------------------------------------------------------- a draw

def layer_name(node):
    return re.sub("[\x00-\x1f]", lambda found: f"%{ord(found[0]):02X}", node)


def file_name(layer):
    return re.sub("%(?![01][0-9A-F])", "%25", layer)


def saved_spikes(folder, on_accelerator):
    """Of all layers that spike, the host's first one first, wherever they were computed."""
    names = [each[:-len(".npy")] for each in os.listdir(folder) if each.endswith(".npy") and not each.startswith("class_scores")]
    others = [each for each in names if each not in on_accelerator and not each.endswith(".currents")]
    arrays = [np.load(os.path.join(folder, each + ".npy")) for each in others + on_accelerator]
    return [each for each in arrays if each.dtype == bool]


def most_differing(network, name, neurons):
    """Share of a layer's spikes that 8 bits may change: more behind each layer, and all of one neuron out of step."""
    return 0.03 * (1 + network.spiking.index(name)) + 1 / neurons


def check_units(folder, network, outputs, scores, error):
    """Integers times what 1 of them is in the network's units are what NumPy has, but for that part of the largest."""
    with open(os.path.join(folder, "units.json")) as handle:
        units = {name: np.array(each["network_units_of_1"]) for name, each in json.load(handle).items()}
    numbers = {name: np.load(os.path.join(folder, name)) for name in units}
    saved = {"class_scores.npy": numbers["class_scores.npy"] * units["class_scores.npy"],
             "class_scores_network_units.npy": np.load(os.path.join(folder, "class_scores_network_units.npy"))}
    pairs = [(name, each.reshape(scores.shape), scores) for name, each in saved.items()]  # one of them may be a map
    for last in [start + ".npy" for start, end in network.edges if end == network.last[0]]:
        if last in units:  # currents, where there is no neuron
            pairs.append((last, numbers[last] * units[last][:, None, None], outputs.reshape(numbers[last].shape)))
    return [f"{name} in the network's units is {found.tolist()}, in NumPy {right.tolist()}"
            for name, found, right in pairs
            if found.shape != right.shape or np.abs(found - right).max() > error * max(1, np.abs(right).max())]


def draw(loas_vp, seed, folder, designs, carrying):
    rng = random.Random(seed)
    network = Network(rng)
    timesteps, count = rng.choice([1, 3, 4, 5, 8, 16, 21]), rng.randint(1, 3)
    score = rng.choice(["sum", "last", "maximum"])
    images = np.random.default_rng(seed).integers(0, 3, (count, *network.nodes[next(iter(network.nodes))]["shape"]))
    given = [compute(network, image.astype(float), timesteps, network.reset) for image in images]
    outputs = np.array([each[network.last[0]] for each in given])  # [image][timestep][class]
    scores = {"sum": outputs.sum(1), "last": outputs[:, -1], "maximum": outputs.max(1)}[score]
    is_map = scores.ndim > 2 and scores[0, 0].size > 1
    saved_shape, scores = scores.shape if is_map else (count, scores[0].size), scores.reshape(count, -1)
    file = os.path.join(folder, "network.nir")
    write(network, file)
    np.save(os.path.join(folder, "x.npy"), images.astype(np.int32))
    np.save(os.path.join(folder, "y.npy"), scores.argmax(1))
    settings = {"accelerator": rng.choice(designs), "workload.timesteps": timesteps, "workload.reset": network.reset,
                "workload.score": score, "workload.time_step": TIME_STEP, "workload.float_images": count,
                "tppe.max_timesteps": max(4, timesteps)}
    if timesteps > 4 and (timesteps > 16 or rng.random() < 0.5):  # in blocks
        settings["tppe.max_timesteps"] = rng.choice([1, 2, 3, 4])
        settings["accelerator"] = rng.choice(carrying)
    command = [loas_vp, "run", file, "--inputs", os.path.join(folder, "x.npy"), "--out",
               os.path.join(folder, "result"), "--save-outputs", os.path.join(folder, "saved")]
    if not is_map:
        command += ["--labels", os.path.join(folder, "y.npy")]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    calibrates = rng.random() < 0.2
    if calibrates:
        command += ["--calibrate", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    able = re.search(r"cannot begin with potentials; ([\w-]+)", " ".join(done.stderr.split()))
    if able:  # a v_reset that is not 0: only some designs begin with potentials
        command += ["--set", "accelerator=" + able.group(1)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        return f"exit code {done.returncode}: {done.stderr[-1500:]}"
    with open(os.path.join(folder, "result", "results.json")) as handle:
        result = json.load(handle)
    wrong = []
    if ("images: layer " in " ".join(done.stderr.split())) != calibrates:
        wrong.append(f"calibration: {done.stderr}")
    if network.exact and timesteps <= settings["tppe.max_timesteps"]:  # blocks have silence of their own
        wrong += check_estimate(loas_vp, file, folder, settings, result)
    if result["golden"] != "equal":
        wrong.append(f"golden: {result['golden']}")
    beside = result["float_network"]
    sorted_scores = np.sort(scores, 1)
    clear = scores.shape[1] == 1 or (sorted_scores[:, -1] - sorted_scores[:, -2] > 1e-9).all()  # of equal sums one rounds up
    saved_scores = np.load(os.path.join(folder, "saved", "class_scores.npy"))
    if saved_scores.shape != saved_shape:
        wrong.append(f"scores of shape {saved_scores.shape} are saved, not {saved_shape}")
    elif network.exact and scores.std() > 0 and np.corrcoef(saved_scores.ravel(), scores.ravel())[0, 1] < 0.9999:
        wrong.append("the saved scores are not NumPy's")
    if ("map" in beside) != is_map or (is_map and network.exact and beside["map"]["correlation"] < 0.9999):
        wrong.append(f"of a map of scores is said: {beside.get('map')}")
    if not is_map and clear and beside["correct"] != count:
        wrong.append(f"the float network has NumPy's class for {beside['correct']} of {count} inputs")
    node_of = {layer_name(node): node for node in network.nodes}
    layers = {node_of[each["name"]]: each for each in beside["layers"]}
    saved = saved_spikes(os.path.join(folder, "saved"), [file_name(each["name"]) for each in result["layers"]])
    if len(saved) != len(layers):
        wrong.append(f"spikes of {len(saved)} layers are saved, but {len(layers)} spike")
    for (name, layer), spikes in zip(layers.items(), saved):
        if spikes.ndim != 5 or abs(spikes.mean() - layer["rate"]) > 1e-12:
            wrong.append(f"the saved spikes of '{name}', {spikes.shape}, are {spikes.mean()}, not {layer['rate']}")
        elif network.exact and name in network.spiking:
            if (spikes != np.array([each[name] for each in given]).reshape(spikes.shape)).any():
                wrong.append(f"the saved spikes of '{name}' are not NumPy's")
    if all(each["spike_disagreement"] == 0 for each in beside["layers"]):  # then only the last weights are rounded
        wrong += check_units(os.path.join(folder, "saved"), network, outputs, scores, 1e-3 if network.exact else 0.1)
    for name, layer in layers.items():
        told = any(each.startswith(f"layer {layer_name(name)}: none of its neurons spikes") for each in beside["warnings"])
        if told != (layer["rate"] == 0):
            wrong.append(f"'{name}' spikes {layer['rate']} times, and the warnings are {beside['warnings']}")
    for name in network.spiking:
        rate = np.mean([each[name] for each in given])
        if name not in layers:
            wrong.append(f"nothing is said of '{name}'")
        elif abs(layers[name]["float_rate"] - rate) > 1e-12:
            wrong.append(f"'{name}' spikes {layers[name]['float_rate']} times, in NumPy {rate}")
        elif not network.exact and layers[name]["spike_disagreement"] > most_differing(network, name, given[0][name][0].size):
            wrong.append(f"'{name}' has other spikes than NumPy, {layers[name]['spike_disagreement']:.2%} of them")
        elif network.exact and layers[name]["spike_disagreement"] != 0:
            wrong.append(f"'{name}' fits in 8 bits, but {layers[name]['spike_disagreement']:.2%} of its spikes differ")
    return "\n".join(wrong)


def carries(loas_vp, design):
    """Whether it can run more timesteps than it holds, in blocks."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as scenario:
        scenario.write(f"accelerator = '{design}'\nworkload.kind = 'network'\nworkload.timesteps = 5\ntppe.max_timesteps = 4\n")
        scenario.flush()
        return subprocess.run([loas_vp, "dump", scenario.name], capture_output=True).returncode == 0


def check_estimate(loas_vp, file, folder, settings, result):
    """What check says of the silence before the run is what the run finds, where integers lose nothing."""
    command = [loas_vp, "check", file, "--inputs", os.path.join(folder, "x.npy"), "--json"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode == 2 and "cannot begin with potentials" in done.stdout:
        return []
    if done.returncode != 0:
        return [f"check: exit code {done.returncode}: {done.stderr[-500:]}"]
    estimated = {each["name"]: each for each in json.loads(done.stdout)["layers"]}
    return [f"'{layer['name']}': check says {key} {estimated[layer['name']][key]}, run {layer[key]}"
            for layer in result["layers"] for key in ("spike_sparsity", "silent_ratio")
            if abs(estimated[layer["name"]][key] - layer[key]) > 1e-9]


def calibration_helps(loas_vp, folder):
    """One large weight in each channel takes the other weights' bits, with one scale for all: calibration cuts it."""
    network, numbers = Network(random.Random(1)), np.random.default_rng(1)
    network.nodes, network.edges, network.last, network.shape = {}, [], [], (24,)
    network.put("Input", shape=np.array([24]))
    weight = numbers.normal(0, 0.2, (32, 24))
    weight[:, 0] = 20
    network.put("Affine", weight=weight, bias=np.zeros(32))
    network.put("IF", r=np.full(32, 1 / TIME_STEP), v_threshold=np.ones(32), v_reset=np.zeros(32))
    network.put("Affine", weight=numbers.normal(0, 0.2, (4, 32)), bias=np.zeros(4))
    network.put("Output", shape=np.array([4]))
    write(network, os.path.join(folder, "outlier.nir"))
    inputs = numbers.integers(0, 3, (20, 24)).astype(np.int32)
    inputs[:, 0] = 0
    np.save(os.path.join(folder, "outlier.npy"), inputs)
    differ = []
    for images in (0, 10):
        done = subprocess.run([loas_vp, "run", os.path.join(folder, "outlier.nir"), "--inputs",
                               os.path.join(folder, "outlier.npy"), "--calibrate", str(images), "--json", "--out",
                               os.path.join(folder, str(images)), "--set", "workload.reset=hard",
                               "--set", f"workload.time_step={TIME_STEP}"], capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            return f"calibration: {done.stderr}"
        result = json.loads(done.stdout)
        differ.append(result["float_network"]["layers"][0]["spike_disagreement"])
        if result["golden"] != "equal" or ("keep less than their largest weight" in " ".join(done.stderr.split())) != (images > 0):
            return f"calibration by {images} images: golden {result['golden']}, {done.stderr}"
    return "" if differ[1] < differ[0] / 2 else f"calibration leaves {differ[1]} of the spikes different, of {differ[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loas_vp")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--keep", help="folder in which the files of a failed draw stay")
    arguments = parser.parse_args()
    listed = subprocess.run([arguments.loas_vp, "options", "--json"], capture_output=True, text=True, check=True).stdout
    options = json.loads(listed)
    options = options["options"] if isinstance(options, dict) else options
    # Those for spiking networks.
    designs = [each for each in next(row["allowed"] for row in options if row["key"] == "accelerator")
               if not each.endswith("-ann")]
    carrying = [each for each in designs if carries(arguments.loas_vp, each)]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        wrong = calibration_helps(arguments.loas_vp, folder)
        if wrong:
            failed = 1
            print(wrong)
    for seed in range(arguments.first, arguments.first + arguments.draws):
        with tempfile.TemporaryDirectory() as folder:
            wrong = draw(arguments.loas_vp, seed, folder, designs, carrying)
            if wrong:
                failed += 1
                print(f"draw {seed}: {wrong}\n  {sys.argv[0]} {arguments.loas_vp} --draws 1 --first {seed} --keep .")
                if arguments.keep:
                    subprocess.run(["cp", "-r", folder, os.path.join(arguments.keep, f"draw_{seed}")], check=True)
    print(f"{arguments.draws - min(failed, arguments.draws)} of {arguments.draws} networks as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

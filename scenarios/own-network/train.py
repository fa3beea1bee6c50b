#!/usr/bin/env python3
"""Trains the two networks of this folder and writes them as NIR files, with the inputs that they are tried on.

usage: /usr/bin/python3 train.py residual|events [--out DIR]      packages: python3-torch python3-sklearn python3-h5py

residual   handwritten digits of 8 x 8 pixels (UCI, as scikit-learn ships them, CC BY 4.0; split as in ../quickstart), a
           block with a skip connection, an average pool, and neurons at the end whose spikes are counted
events     four shapes (square, disc, cross, corner) that move over a sensor of 24 x 24 pixels for 64 ms and are seen as
           events (t in microseconds, x, y, p), drawn here: a pixel sends one when its brightness has changed by a step,
           and a few for nothing

Neurons are NIR's LIF with tau of two timesteps, r = tau / dt and hard reset; every second weight is pruned. Seeds and
thread count are fixed: the same on one computer, not quite on another.
"""
import argparse
import os

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional

DT = 1e-3
EVENT_STEPS, EVENT_DT_US, SENSOR = 16, 4000, 24


# ---------------------------------------------------------------- training

class Spike(torch.autograd.Function):
    """Above the threshold of 1; in training as if the step were a smooth one."""

    @staticmethod
    def forward(context, v):
        context.save_for_backward(v)
        return (v > 1).float()

    @staticmethod
    def backward(context, gradient):
        (v,) = context.saved_tensors
        return gradient / (1 + 5 * (v - 1).abs()) ** 2


class Lif(nn.Module):
    v = 0

    def forward(self, current):
        self.v = self.v / 2 + current
        spikes = Spike.apply(self.v)
        self.v = self.v * (1 - spikes)
        return spikes


class Network(nn.Module):
    """Nodes by name, each with the names of those whose sum it takes; the last one's spikes are counted."""

    def __init__(self, nodes, edges):
        super().__init__()
        self.nodes, self.edges = nn.ModuleDict(nodes), edges

    def forward(self, steps):
        for node in self.nodes.values():
            node.v = 0
        score = 0
        for x in steps:  # [time][batch][channel][row][column]
            given = {"input": x}
            for name, node in self.nodes.items():
                given[name] = node(sum(given[before] for before in self.edges[name]))
            score = score + given[name]
        return score


def prune(network, share):
    """The smallest weights of each layer but the first are 0 from now on."""
    masks = []
    for layer in [each for each in network.nodes.values() if hasattr(each, "weight")][1:]:
        size = layer.weight.abs()
        masks.append((layer, (size > size.flatten().kthvalue(int(share * size.numel()))[0]).float()))
    return masks


def train(network, batches, epochs):
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    masks = []
    for epoch in range(epochs):
        if epoch == epochs // 3:
            masks = prune(network, 0.5)
        for steps, labels in batches():
            optimiser.zero_grad()
            functional.cross_entropy(network(steps), labels).backward()
            optimiser.step()
            for layer, mask in masks:
                layer.weight.data *= mask
        schedule.step()


def right(network, steps, labels):
    with torch.no_grad():
        return int((network(steps).argmax(1) == labels).sum())


# ---------------------------------------------------------------- NIR

def write_nir(path, network, shape):
    """In the layout of the public nir library: nir.write() of what the exporters make would be the same."""
    with h5py.File(path, "w") as file:
        top = file.create_group("node")

        def put(name, kind, **datasets):
            group = top.create_group("nodes/" + name)
            group.create_dataset("type", data=kind, dtype=h5py.string_dtype())
            for key, value in datasets.items():
                group.create_dataset(key, data=value)

        put("input", "Input", shape=np.array(shape))
        shapes = {"input": shape}
        for name, node in network.nodes.items():
            before = shapes[network.edges[name][0]]
            out = tuple(node(torch.zeros(1, *before)).shape[1:])
            if isinstance(node, nn.Conv2d):
                put(name, "Conv2d", weight=node.weight.detach().numpy(), bias=node.bias.detach().numpy(),
                    stride=np.array(node.stride), padding=np.array(node.padding), dilation=np.array(node.dilation),
                    groups=np.int64(node.groups), input_shape=np.array(before[1:]))
            elif isinstance(node, nn.AvgPool2d):
                put(name, "AvgPool2d", kernel_size=np.array([node.kernel_size] * 2),
                    stride=np.array([node.stride] * 2), padding=np.array([0, 0]))
            elif isinstance(node, nn.Flatten):
                put(name, "Flatten", start_dim=np.int64(0), end_dim=np.int64(-1), input_type=np.array(before))
            elif isinstance(node, nn.Linear):
                put(name, "Affine", weight=node.weight.detach().numpy(), bias=node.bias.detach().numpy())
            else:
                one, zero = np.ones(out, np.float32), np.zeros(out, np.float32)
                put(name, "LIF", tau=2 * DT * one, r=2 * one, v_leak=zero, v_threshold=one, v_reset=zero)
            shapes[name] = out
        put("output", "Output", shape=np.array(out))
        edges = [(before, name) for name in network.nodes for before in network.edges[name]] + [(name, "output")]
        top.create_dataset("edges", data=np.array(edges, dtype=object), dtype=h5py.string_dtype())
        top.create_dataset("type", data="NIRGraph", dtype=h5py.string_dtype())
        file.create_dataset("version", data="1.0", dtype=h5py.string_dtype())


# ---------------------------------------------------------------- digits

def residual(out):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    digits = load_digits()
    images = digits.images.astype(np.float32)[:, None] / 16
    train_x, test_x, train_y, test_y = (torch.from_numpy(each) for each in train_test_split(
        images, digits.target, test_size=0.2, stratify=digits.target, random_state=2024))  # that of ../quickstart
    network = Network(
        {"conv1": nn.Conv2d(1, 12, 3, padding=1), "lif1": Lif(), "conv2": nn.Conv2d(12, 12, 3, padding=1),
         "lif2": Lif(), "conv3": nn.Conv2d(12, 12, 3, padding=1), "lif3": Lif(), "pool": nn.AvgPool2d(2, 2),
         "flatten": nn.Flatten(), "fc": nn.Linear(192, 10), "lif4": Lif()},
        {"conv1": ["input"], "lif1": ["conv1"], "conv2": ["lif1"], "lif2": ["conv2"], "conv3": ["lif2"],
         "lif3": ["conv3", "lif1"],  # the skip connection
         "pool": ["lif3"], "flatten": ["pool"], "fc": ["flatten"], "lif4": ["fc"]})
    generator = np.random.default_rng(0)

    def batches():
        order = generator.permutation(len(train_x))
        for first in range(0, len(order), 64):
            index = order[first:first + 64]
            yield [train_x[index]] * 8, train_y[index]

    train(network, batches, 40)
    write_nir(os.path.join(out, "residual.nir"), network, (1, 8, 8))
    print(f"residual: {right(network, [test_x] * 8, test_y)} of {len(test_y)} test images right")


# ---------------------------------------------------------------- events

def seen(shape, centre, size, turn):
    """Brightness of each pixel, 0 to 1, with smooth edges."""
    y, x = np.mgrid[:SENSOR, :SENSOR] - np.asarray(centre)[:, None, None]
    x, y = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    cross = np.minimum(np.maximum(abs(x), 3 * abs(y)), np.maximum(abs(y), 3 * abs(x)))
    corner = np.where((x > 0) & (y > 0), np.minimum(x, y) + size, np.maximum(abs(x), abs(y)))
    distance = {"square": np.maximum(abs(x), abs(y)), "disc": np.hypot(x, y), "cross": cross, "corner": corner}[shape]
    return np.clip(size - distance + 0.5, 0, 1)


SHAPES = ["square", "disc", "cross", "corner"]
EVENT = np.dtype([("t", "<u4"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")])


def record(generator, shape):
    """Events of a shape that moves, in the order of time."""
    events = []
    start, size = generator.uniform(9, 15, 2), generator.uniform(5, 8)
    turn, angle, speed = generator.uniform(-0.2, 0.2), generator.uniform(0, 2 * np.pi), generator.uniform(60, 120)
    last = seen(shape, start, size, turn)
    for ms in range(1, EVENT_STEPS * EVENT_DT_US // 1000):
        way = speed * ms / 1000 * np.array([np.sin(angle), np.cos(angle)])
        now = seen(shape, start + way, size, turn)
        for polarity in (0, 1):
            changed = (now - last > 0.25) if polarity else (last - now > 0.25)
            last[changed] = now[changed]
            noise = generator.random((SENSOR, SENSOR)) < 2e-4
            for y, x in np.argwhere(changed | noise):
                events.append((ms * 1000 + generator.integers(1000), x, y, polarity))
    return np.array(sorted(events), EVENT)


def frames(events):
    """Spikes: of a pixel and polarity one in a timestep, however many events."""
    steps = np.zeros((EVENT_STEPS, 2, SENSOR, SENSOR), np.float32)
    steps[events["t"] // EVENT_DT_US, events["p"], events["y"], events["x"]] = 1
    return steps


def events(out):
    generator = np.random.default_rng(1)

    def draw(count):
        labels = np.arange(count) % len(SHAPES)
        return [record(generator, SHAPES[label]) for label in labels], torch.from_numpy(labels)

    train_events, train_y = draw(1200)
    test_events, test_y = draw(80)
    train_x, test_x = (torch.from_numpy(np.stack([frames(each) for each in these], 1)) for these in
                       (train_events, test_events))
    network = Network(
        {"conv1": nn.Conv2d(2, 8, 3, stride=2, padding=1), "lif1": Lif(), "conv2": nn.Conv2d(8, 16, 3, stride=2, padding=1),
         "lif2": Lif(), "pool": nn.AvgPool2d(2, 2), "flatten": nn.Flatten(), "fc": nn.Linear(144, 4), "lif3": Lif()},
        {"conv1": ["input"], "lif1": ["conv1"], "conv2": ["lif1"], "lif2": ["conv2"], "pool": ["lif2"],
         "flatten": ["pool"], "fc": ["flatten"], "lif3": ["fc"]})

    def batches():
        order = generator.permutation(len(train_y))
        for first in range(0, len(order), 64):
            index = order[first:first + 64]
            yield train_x[:, index], train_y[index]

    train(network, batches, 50)
    write_nir(os.path.join(out, "events.nir"), network, (2, SENSOR, SENSOR))
    np.savez_compressed(os.path.join(out, "events.npz"), labels=test_y.numpy().astype(np.uint8),
                        **{f"recording_{i:02}": each for i, each in enumerate(test_events)})
    print(f"events: {right(network, test_x, test_y)} of {len(test_y)} test recordings right")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["residual", "events"])
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    {"residual": residual, "events": events}[arguments.what](arguments.out)


if __name__ == "__main__":
    main()

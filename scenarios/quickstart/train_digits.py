#!/usr/bin/env python3
"""Train the network of the quick start and write it as a NIR file.

Data      Handwritten digits, UCI Machine Learning Repository, in the form
          shipped by scikit-learn (sklearn.datasets.load_digits): 1797 images
          of 8x8 pixels, values 0..16, ten classes.
          E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten
          Digits", UCI Machine Learning Repository, 1998,
          doi:10.24432/C50P49.  Licence: CC BY 4.0.  The images written to
          digits_images.npy are an unmodified subset of that data set.
Split     stratified, 1437 training images and 360 held-out test images.  The
          test images are used for nothing but the last accuracy figure.
Result    350 of the 360 test images correct (97.22 %) in the integer model;
          90.5 % of the weights of each accelerator layer are zero; 93-95 % of
          the spikes entering the accelerator layers are zero.

Requires only packages of Debian 12: python3-torch, python3-sklearn,
python3-h5py, python3-numpy.  Usage:

    /usr/bin/python3 train_digits.py [--out DIR]     train, write, verify
    /usr/bin/python3 train_digits.py --verify-only   verify the files only

Files written: digits.nir (HDF5, layout of the reference `nir` library),
digits_images.npy (uint8, (360,1,8,8)), digits_labels.npy (uint8, (360,)).

Seeds and thread count are fixed, so that a run repeats exactly on one machine;
another processor or library version may round floating-point sums differently
during training and end at slightly different weights.


The network, T = 4 timesteps, the image being the input current of each one:

    input (1,8,8)
    conv1  1->16, 3x3, padding 1    host, dense, integer        -> lif1
    conv2 16->32, 3x3, padding 1    accelerator, >= 90 % zeros  -> lif2
    pool2 + or2                     OR of the spikes of a 2x2 window
    conv3 32->40, 3x3, padding 1    accelerator, >= 90 % zeros  -> lif3
    flatten (C,H,W), fc 640->10     accelerator, >= 90 % zeros
    class = argmax of the output currents summed over the timesteps


Integer arithmetic (what the hardware computes, and what `simulate` does):

    s             = max|w| / 127                       one per layer
    q             = round(w / s)                       int8, -127..127
    bias_int      = round(bias / (s * in_scale))       in_scale = 1/16 for the
    threshold_int = floor(v_thr / (s * in_scale * g))  host layer, otherwise 1
    g             = dt * r / tau = 1                   gain of the LIF (dt = 1)
    tau_q8        = round(256 * (1 - dt / tau)) = 128

    X[t]     = sum(q * in[t]) + bias_int + U[t-1]      U[-1] = 0
    spike[t] = X[t] > threshold_int
    U[t]     = spike[t] ? 0 : floor(X[t] * tau_q8 / 256)

The training uses the same equations on integer-valued float32 tensors, with a
surrogate gradient for the spike and straight-through gradients for the
roundings, so that nothing is lost when the weights are exported.
"""

import argparse
import os
import sys

import h5py
import numpy as np

T = 4                    # timesteps
SEED = 2024
TEST_FRACTION = 0.2
MIN_ACCURACY = 0.95      # verification fails below this
MIN_SPARSITY = 0.90      # of the weights of each accelerator layer
PIXEL_MAX = 16           # the host layer sees integers 0..16, i.e. x/16
TAU, R, V_THRESHOLD, DT = 2.0, 2.0, 1.0, 1.0
C1, C2, C3 = 16, 32, 40  # 40: deliberately no multiple of 16

# Training schedule, in epochs: dense, gradual pruning, fixed masks.
EPOCHS = 150
PRUNE_FROM, PRUNE_TO = 15, 80
QUANT_FROM = 90          # quantisation-aware from here on
PRUNE_TARGET = {"conv2": 0.905, "conv3": 0.905, "fc": 0.905}
BATCH = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-4
ACTIVITY = 0.3           # weight of the penalty on the mean spike rates
SURROGATE_WIDTH = 2.0

LAYERS = ("conv1", "conv2", "conv3", "fc")
ACCELERATOR = ("conv2", "conv3", "fc")
EDGES = ["input", "conv1", "lif1", "conv2", "lif2", "pool2", "or2", "conv3",
         "lif3", "flatten", "fc", "output"]

IMAGES, LABELS, NETWORK = ("digits_images.npy", "digits_labels.npy",
                           "digits.nir")


# --------------------------------------------------------------------- data

def load_data():
    """Returns train images, train labels, test images, test labels (uint8)."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    digits = load_digits()
    x = digits.images.astype(np.uint8).reshape(-1, 1, 8, 8)
    y = digits.target.astype(np.uint8)
    assert x.shape == (1797, 1, 8, 8) and x.max() == PIXEL_MAX
    xa, xb, ya, yb = train_test_split(x, y, test_size=TEST_FRACTION,
                                      stratify=y, random_state=SEED)
    return xa, ya, np.ascontiguousarray(xb), yb


# ----------------------------------------------------------------- training

def train(xa, ya):
    """Trains the network.

    Returns {layer: (q, bias_int, threshold_int)}, where the threshold is None
    for the classifier, which has no neurons; and the classifier's scale.
    """
    import torch
    import torch.nn.functional as F

    torch.manual_seed(SEED)
    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng(SEED)

    class Spike(torch.autograd.Function):
        """x > 0, with the derivative of an arctangent as surrogate."""

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return (x > 0).float()

        @staticmethod
        def backward(ctx, grad):
            x, = ctx.saved_tensors
            a = SURROGATE_WIDTH
            return grad * (a / 2) / (1 + (np.pi / 2 * a * x) ** 2)

    class Round(torch.autograd.Function):
        """round(), straight-through."""

        @staticmethod
        def forward(ctx, x):
            return torch.round(x)

        @staticmethod
        def backward(ctx, grad):
            return grad

    class Floor(torch.autograd.Function):
        """floor(), straight-through."""

        @staticmethod
        def forward(ctx, x):
            return torch.floor(x)

        @staticmethod
        def backward(ctx, grad):
            return grad

    shapes = {"conv1": (C1, 1, 3, 3), "conv2": (C2, C1, 3, 3),
              "conv3": (C3, C2, 3, 3), "fc": (10, C3 * 4 * 4)}
    in_scale = {"conv1": 1.0 / PIXEL_MAX, "conv2": 1.0, "conv3": 1.0,
                "fc": 1.0}
    weight, bias, mask = {}, {}, {}
    for name in LAYERS:
        fan_in = int(np.prod(shapes[name][1:]))
        gain = 2.0 if name != "fc" else 1.0
        weight[name] = (torch.randn(shapes[name]) * gain / fan_in ** 0.5
                        ).requires_grad_()
        bias[name] = torch.zeros(shapes[name][0]).requires_grad_()
        mask[name] = torch.ones(shapes[name])

    def quantities(name, quant):
        """Weights, bias, threshold in integer units, and the unit."""
        w = weight[name] * mask[name]
        s = (w.detach().abs().max() / 127).item()
        unit = s * in_scale[name]
        q, b, thr = w / s, bias[name] / unit, V_THRESHOLD / unit
        if quant:
            q, b, thr = Round.apply(q), Round.apply(b), float(np.floor(thr))
        return q, b, thr, unit

    def lif(currents, thr, unit, quant):
        """currents: list of T tensors; returns the spikes as one (T*N,...)."""
        u, out = 0.0, []
        for o in currents:
            x = o + u
            # thr is a whole number when quantised, so that x - thr is exact
            z = Spike.apply((x - thr) * unit)
            u = x * (1 - DT / TAU)
            if quant:
                u = Floor.apply(u)
            u = u * (1 - z)
            out.append(z)
        return torch.cat(out)

    def forward(x, quant):
        """x: (N,1,8,8), whole numbers 0..16.  Returns logits, spike rates."""
        rates = []
        q, b, thr, unit = quantities("conv1", quant)
        o = F.conv2d(x, q, b, padding=1)
        z = lif([o] * T, thr, unit, quant)
        rates.append(z.mean())
        q, b, thr, unit = quantities("conv2", quant)
        o = F.conv2d(z, q, b, padding=1)
        z = lif(o.chunk(T), thr, unit, quant)
        z = F.max_pool2d(z, 2)                       # OR of 0/1 values
        rates.append(z.mean())
        q, b, thr, unit = quantities("conv3", quant)
        o = F.conv2d(z, q, b, padding=1)
        z = lif(o.chunk(T), thr, unit, quant)
        rates.append(z.mean())
        q, b, _, unit = quantities("fc", quant)
        o = F.linear(z.flatten(1), q, b) * unit
        return sum(o.chunk(T)), rates

    def augment(x):
        """Shifts half of the images by up to one pixel in each direction."""
        x = x.copy()
        for i in range(len(x)):
            if rng.random() < 0.5:
                dy, dx = rng.integers(-1, 2, 2)
                p = np.pad(x[i, 0], 1)
                x[i, 0] = p[1 + dy:9 + dy, 1 + dx:9 + dx]
        return x

    def prune(fraction):
        """Removes the smallest weights; what is pruned stays pruned."""
        for name in ACCELERATOR:
            goal = fraction * PRUNE_TARGET[name]
            size = (weight[name].detach().abs() * mask[name]).flatten()
            k = int(np.ceil(goal * size.numel()))
            if k:
                keep = torch.ones(size.numel())
                keep[torch.argsort(size)[:k]] = 0
                mask[name] = keep.reshape(shapes[name]) * mask[name]

    parameters = [{"params": list(weight.values()),
                   "weight_decay": WEIGHT_DECAY},
                  {"params": list(bias.values()), "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(parameters, lr=LEARNING_RATE)
    labels = torch.from_numpy(ya.astype(np.int64))
    images = xa.astype(np.float32)
    for epoch in range(EPOCHS):
        quant = epoch >= QUANT_FROM
        if epoch < PRUNE_TO:
            lr = LEARNING_RATE
        else:
            done = (epoch - PRUNE_TO) / (EPOCHS - PRUNE_TO)
            lr = LEARNING_RATE * (0.02 + 0.49 * (1 + np.cos(np.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = lr
        if PRUNE_FROM <= epoch <= PRUNE_TO:
            rest = 1 - (epoch - PRUNE_FROM) / (PRUNE_TO - PRUNE_FROM)
            prune(1 - rest ** 3)
        order = rng.permutation(len(images))
        right, total, mean_rates = 0, 0.0, np.zeros(3)
        for i in range(0, len(order), BATCH):
            pick = order[i:i + BATCH]
            logits, rates = forward(torch.from_numpy(augment(images[pick])),
                                    quant)
            target = labels[torch.from_numpy(pick)]
            loss = F.cross_entropy(logits, target) + ACTIVITY * sum(rates)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            right += (logits.argmax(1) == target).sum().item()
            total += loss.item() * len(pick)
            mean_rates += np.array([r.item() for r in rates]) * len(pick)
        if epoch % 10 == 9:
            print("epoch %3d  loss %.4f  train accuracy %.4f  spike rates %s"
                  % (epoch + 1, total / len(order), right / len(order),
                     np.round(mean_rates / len(order), 3)), flush=True)

    result = {}
    with torch.no_grad():
        for name in LAYERS:
            q, b, thr, unit = quantities(name, True)
            result[name] = (q.numpy().astype(np.int64),
                            b.numpy().astype(np.int64),
                            None if name == "fc" else int(thr))
    return result, unit                               # unit of the last, fc


# ------------------------------------------------------------------- export

def exact_scale(x):
    """x rounded to 16 significant bits: 127 * x is then exact in float32."""
    mantissa, exponent = np.frexp(x)
    return float(np.ldexp(np.round(mantissa * 65536) / 65536, exponent))


def write_network(path, ints, fc_scale):
    """Writes the NIR graph of the integer network.

    The scale of a layer with neurons is free as long as
    floor(v_threshold / scale) gives its threshold_int: it is put in the middle
    of that interval, which keeps every reader away from the edges of the
    roundings.  The nodes of pooling type carry no shape in NIR, so the
    reference library reads this graph with nir.read(..., type_check=False).
    """
    string = h5py.string_dtype("utf-8")
    with h5py.File(path, "w") as f:
        f.create_dataset("version", data="1.0.7", dtype=string)
        root = f.create_group("node")
        root.create_dataset("type", data="NIRGraph", dtype=string)
        root.create_dataset(
            "edges", data=np.array(list(zip(EDGES, EDGES[1:])), dtype=object),
            dtype=string)
        nodes = root.create_group("nodes")

        def node(name, kind, **data):
            group = nodes.create_group(name)
            group.create_dataset("type", data=kind, dtype=string)
            for key, value in data.items():
                value = np.asarray(value)
                if value.dtype.kind == "f":
                    group.create_dataset(key, data=value.astype("<f4"),
                                         compression="gzip",
                                         compression_opts=9)
                else:
                    group.create_dataset(key, data=value.astype("<i8"))

        def floats(name, in_scale=1.0):
            q, b, thr = ints[name]
            unit = fc_scale if thr is None else V_THRESHOLD / (thr + 0.5)
            s = exact_scale(unit / in_scale)
            return (q * s).astype(np.float32), \
                (b * (s * in_scale)).astype(np.float32)

        def conv(name, size, in_scale=1.0):
            w, b = floats(name, in_scale)
            node(name, "Conv2d", weight=w, bias=b, stride=[1, 1],
                 dilation=[1, 1], padding=[1, 1], groups=1,
                 input_shape=[size, size])

        def lif(name, shape):
            def full(v):
                return np.full(shape, v, np.float32)
            node(name, "LIF", tau=full(TAU), r=full(R), v_leak=full(0),
                 v_threshold=full(V_THRESHOLD), v_reset=full(0))

        node("input", "Input", shape=[1, 8, 8])
        conv("conv1", 8, 1.0 / PIXEL_MAX)
        lif("lif1", (C1, 8, 8))
        conv("conv2", 8)
        lif("lif2", (C2, 8, 8))
        node("pool2", "SumPool2d", kernel_size=[2, 2], stride=[2, 2],
             padding=[0, 0])
        node("or2", "Threshold",
             threshold=np.full((C2, 4, 4), 0.5, np.float32))
        conv("conv3", 4)
        lif("lif3", (C3, 4, 4))
        node("flatten", "Flatten", start_dim=0, end_dim=-1,
             input_type=[C3, 4, 4])
        w, b = floats("fc")
        node("fc", "Affine", weight=w, bias=b)
        node("output", "Output", shape=[10])


# ------------------------------------- verification, on the files as written

def uniform(values):
    """The one value of an array all of whose elements are equal."""
    assert np.all(values == values.flat[0]), "expected equal values"
    return float(values.flat[0])


def whole(values, what):
    """Rounds; refuses values which two readers could round differently."""
    result = np.rint(values)
    assert np.max(np.abs(values - result)) < 0.01, what + ": not exact"
    return result.astype(np.int64)


def read_network(path):
    """Reads the NIR file; returns {layer: (q, bias_int, threshold_int)}."""
    result = {}
    with h5py.File(path, "r") as f:
        nodes = f["node/nodes"]
        edges = [(a.decode(), b.decode()) for a, b in f["node/edges"][()]]
        assert edges == list(zip(EDGES, EDGES[1:])), "unexpected graph"
        assert sorted(nodes) == sorted(EDGES), "unexpected nodes"
        for name in LAYERS:
            in_scale = 1.0 / PIXEL_MAX if name == "conv1" else 1.0
            w = nodes[name]["weight"][()].astype(np.float64)
            b = nodes[name]["bias"][()].astype(np.float64)
            s = np.abs(w).max() / 127
            q = whole(w / s, name + " weight")
            assert np.abs(q).max() == 127
            b = whole(b / (s * in_scale), name + " bias")
            thr = None
            if name != "fc":
                lif = nodes["lif" + name[-1]]
                v = {k: uniform(lif[k][()]) for k in
                     ("tau", "r", "v_leak", "v_threshold", "v_reset")}
                assert v["v_leak"] == 0 and v["v_reset"] == 0
                assert round(256 * (1 - DT / v["tau"])) == 128
                exact = v["v_threshold"] / (s * in_scale * DT * v["r"]
                                            / v["tau"])
                thr = int(np.floor(exact))
                assert 0.01 < exact - thr < 0.99, name + ": threshold on edge"
            result[name] = (q, b, thr)
    return result


def simulate(ints, images):
    """Integer model.  Returns the output currents (T,N,10), and the spikes
    entering each accelerator layer as {layer: bool (T,N,...)}."""

    def conv(x, name):                     # 3x3, stride 1, padding 1
        q, b, _ = ints[name]
        n, c, h, w = x.shape
        p = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        out = np.zeros((n, q.shape[0], h, w), np.int64)
        for i in range(3):
            for j in range(3):
                out += np.einsum("mc,nchw->nmhw", q[:, :, i, j],
                                 p[:, :, i:i + h, j:j + w], optimize=False)
        return out + b[None, :, None, None]

    def lif(current, u, thr):
        x = current + u
        z = x > thr
        return z.astype(np.int64), np.where(z, 0, (x * 128) >> 8)

    n = len(images)
    u1 = u2 = u3 = 0
    outputs, inputs = [], {name: [] for name in ACCELERATOR}
    host = conv(images.astype(np.int64), "conv1")
    for _ in range(T):
        z, u1 = lif(host, u1, ints["conv1"][2])
        inputs["conv2"].append(z.astype(bool))
        z, u2 = lif(conv(z, "conv2"), u2, ints["conv2"][2])
        z = (z.reshape(n, C2, 4, 2, 4, 2).sum((3, 5)) > 0.5).astype(np.int64)
        inputs["conv3"].append(z.astype(bool))
        z, u3 = lif(conv(z, "conv3"), u3, ints["conv3"][2])
        z = z.reshape(n, -1)
        inputs["fc"].append(z.astype(bool))
        outputs.append(z @ ints["fc"][0].T + ints["fc"][1])
    return np.stack(outputs), {k: np.stack(v) for k, v in inputs.items()}


def verify(directory):
    """Checks the three files together; prints the figures.  Exits if bad."""
    images = np.load(os.path.join(directory, IMAGES))
    labels = np.load(os.path.join(directory, LABELS))
    assert images.dtype == np.uint8 and images.shape[1:] == (1, 8, 8)
    assert images.flags.c_contiguous and images.max() <= PIXEL_MAX
    assert labels.dtype == np.uint8 and labels.shape == (len(images),)
    ints = read_network(os.path.join(directory, NETWORK))
    outputs, inputs = simulate(ints, images)
    predicted = outputs.sum(0).argmax(1)
    right = int((predicted == labels).sum())

    zeros = total = 0
    bad = []
    for name in LAYERS:
        q, b, thr = ints[name]
        z = int((q == 0).sum())
        print("%-5s weights %5d of %5d zero (%.2f %%), |bias| <= %d, "
              "threshold %s" % (name, z, q.size, 100 * z / q.size,
                                np.abs(b).max(), thr))
        if name in ACCELERATOR:
            zeros, total = zeros + z, total + q.size
            spikes = inputs[name]
            print("      input spikes: %.2f %% zeros, neurons silent in all "
                  "%d timesteps: %.2f %%"
                  % (100 * (1 - spikes.mean()), T,
                     100 * (1 - spikes.any(0).mean())))
            if z < MIN_SPARSITY * q.size:
                bad.append(name + " is not sparse enough")
    print("accelerator layers together: %d of %d weights zero (%.2f %%)"
          % (zeros, total, 100 * zeros / total))
    print("integer model, test images: %d of %d correct (%.2f %%)"
          % (right, len(images), 100 * right / len(images)))
    top = np.sort(outputs.sum(0), axis=1)
    print("images whose best two classes tie: %d"
          % int((top[:, -1] == top[:, -2]).sum()))
    print("predicted classes of the first 20 images:",
          " ".join(str(v) for v in predicted[:20]))
    if right < MIN_ACCURACY * len(images):
        bad.append("the accuracy is too low")
    if bad:
        sys.exit("verification FAILED: " + "; ".join(bad))
    print("verification passed")


def main():
    parser = argparse.ArgumentParser(
        description="Train the digits network of the quick start, write it as "
        "a NIR file with the test images, and verify the files with an "
        "integer model of the hardware.")
    parser.add_argument("--out", metavar="DIR",
                        default=os.path.dirname(os.path.abspath(__file__)),
                        help="where the files go (default: beside this script)")
    parser.add_argument("--verify-only", action="store_true",
                        help="verify the files in DIR, without training")
    arguments = parser.parse_args()
    if not arguments.verify_only:
        os.makedirs(arguments.out, exist_ok=True)
        xa, ya, xb, yb = load_data()
        ints, fc_scale = train(xa, ya)
        np.save(os.path.join(arguments.out, IMAGES), xb)
        np.save(os.path.join(arguments.out, LABELS), yb)
        path = os.path.join(arguments.out, NETWORK)
        write_network(path, ints, fc_scale)
        for name, values in read_network(path).items():
            for written, read in zip(ints[name], values):
                assert np.array_equal(written, read), name + ": changed"
    verify(arguments.out)


if __name__ == "__main__":
    main()

"""What NIR's nodes compute, in NumPy: windows tap by tap, neurons step by step; maps are (channels, height, width)."""
import numpy as np

TIME_STEP = 1e-3


def window_sums(x, weight, bias, stride, padding, dilation, groups):
    """A convolution, tap by tap."""
    x = np.pad(x, ((0, 0), (padding[0],) * 2, (padding[1],) * 2))
    rows, columns = weight.shape[2:]
    height = (x.shape[1] - (rows - 1) * dilation[0] - 1) // stride[0] + 1
    width = (x.shape[2] - (columns - 1) * dilation[1] - 1) // stride[1] + 1
    out = np.zeros((weight.shape[0], height, width))
    of_group, in_group = weight.shape[0] // groups, weight.shape[1]
    for group in range(groups):
        given = x[group * in_group:(group + 1) * in_group]
        outputs = slice(group * of_group, (group + 1) * of_group)
        for i in range(rows):
            for j in range(columns):
                seen = given[:, i * dilation[0]:, j * dilation[1]:][:, ::stride[0], ::stride[1]][:, :height, :width]
                out[outputs] += np.tensordot(weight[outputs, :, i, j], seen, 1)
    return out + bias[:, None, None]


def by_channel(values, like):
    """One value, one a channel, or one a neuron, against a map or a vector."""
    values = np.asarray(values, float)
    if values.ndim == 1 and values.size == like.shape[0] and like.ndim > 1:
        return values.reshape((-1,) + (1,) * (like.ndim - 1))
    return values


class Neurons:
    def __init__(self, node, reset):
        self.node, self.reset, self.v, self.current, self.fired = node, reset, None, 0, False  # NIR: v begins at 0

    def step(self, x):
        get = lambda name, otherwise=0: by_channel(self.node[name], x) if name in self.node else otherwise
        kind = self.node["type"]
        if kind == "Threshold":
            return (x > get("threshold")).astype(float)
        if self.v is None:
            self.v = np.zeros(x.shape)
        if kind.startswith("Cuba"):
            share = TIME_STEP / get("tau_syn")
            x = self.current = (1 - share) * self.current + share * get("w_in", 1) * x
        tau = "tau_mem" if kind.startswith("Cuba") else "tau"
        if kind in ("IF", "I"):
            self.v = self.v + TIME_STEP * get("r") * x
        else:
            self.v = self.v + TIME_STEP / get(tau) * (get("v_leak") - self.v + get("r") * x)
        if kind in ("LI", "I", "CubaLI"):
            return self.v
        threshold, rest = get("v_threshold"), get("v_reset")
        if self.reset == "delayed":
            self.v = self.v - (threshold - rest) * self.fired
        self.fired = self.v > threshold
        if self.reset == "hard":
            self.v = np.where(self.fired, rest, self.v)
        elif self.reset == "soft":
            self.v = self.v - (threshold - rest) * self.fired
        return self.fired.astype(float)


def compute(network, x, timesteps, reset):
    """What each node gives at each timestep, by name."""
    state = {name: Neurons(node, reset) for name, node in network.nodes.items()}
    given = {name: [] for name in network.nodes}
    for t in range(timesteps):
        for name, node in network.nodes.items():
            inputs = [given[a][t] for a, b in network.edges if b == name]
            value = sum(inputs[1:], inputs[0]) if inputs else x
            kind = node["type"]
            if kind == "Conv2d":
                value = window_sums(value, node["weight"], node["bias"], node["stride"], node["padding"],
                                    node["dilation"], int(node["groups"]))
            elif kind in ("SumPool2d", "AvgPool2d"):
                rows, columns = node["kernel_size"]
                ones = np.ones((value.shape[0], 1, rows, columns)) / (rows * columns if kind[0] == "A" else 1)
                value = window_sums(value, ones, np.zeros(value.shape[0]), node["stride"], node["padding"], (1, 1),
                                    value.shape[0])
            elif kind in ("Affine", "Linear"):
                value = node["weight"] @ value + node.get("bias", 0)
            elif kind == "Scale":
                value = value * by_channel(node["scale"], value)
            elif kind == "Flatten":
                value = value.reshape(-1)
            elif kind not in ("Input", "Output"):
                value = state[name].step(value)
            given[name].append(value)
    return given

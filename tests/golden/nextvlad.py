#!/usr/bin/python3
"""Write nextvlad.safetensors and nextvlad_mixture.safetensors: a small NeXtVLAD and a mixture of three,
as PyTorch's automatic differentiation has them in double.

The first reads dewhitened features and learns from all classes; the mixture reads features of unit
length and learns from rated classes alone. Written from spec/models 1.3, 2, 3, 4, 5.1 and 9 with loops
over videos; nothing is shared with Podium but the names of parameters.

    frames U8 [frames, 20], frame_first, label_class, label_first U32, label_score F64, eigenvalues F32
    begin/NAME      parameters and moving averages before the first step
    logits, probabilities, loss      forward in training, before the first step
    gradient/NAME   of the loss
    losses          of the steps, before each
    end/NAME        after 20 steps: gradients clipped one by one, Adam in TensorFlow's form
    prediction      probabilities by the moving averages, after them
"""
import json
import os
import struct

import numpy
import torch

torch.set_default_dtype(torch.float64)
WIDTHS, CLASSES, STEPS, RATE, MOMENTUM, L2 = [12, 8], 10, 20, 0.01, 0.05, 1e-3
LENGTHS, LABELS = [1, 5, 12, 7, 3], [2, 1, 3, 1, 2]
K, G, EXPANSION, H, REDUCTION = 6, 4, 2, 8, 4
draw = numpy.random.RandomState(11)


class Network:
    """Parameters by name; a new one is drawn when it is first asked for."""

    def __init__(self):
        self.trained, self.moving, self.training = {}, {}, True

    def parameter(self, name, *shape, mean=0.0, spread=0.5):
        if name not in self.trained:
            value = torch.tensor(mean + spread * draw.normal(size=shape))
            self.trained[name] = value.requires_grad_()
        return self.trained[name]

    def normalize(self, name, x):
        scale = self.parameter(name + "/scale", x.shape[1], mean=1, spread=0.2)
        shift = self.parameter(name + "/shift", x.shape[1], spread=0.2)
        moving = [self.moving.setdefault(name + "/mean", torch.zeros(x.shape[1])),
                  self.moving.setdefault(name + "/variance", torch.ones(x.shape[1]))]
        m, v = moving
        if self.training:
            m = x.mean(0)
            v = ((x - m) ** 2).mean(0)
            for old, new in zip(moving, (m, v)):
                old.add_(MOMENTUM * (new.detach() - old))
        return (x - m) / torch.sqrt(v + 1e-3) * scale + shift

    def stream(self, name, x, first, k, groups):
        d = EXPANSION * x.shape[1]
        f = d // groups
        xdot = x @ self.parameter(name + "/expand/weights", x.shape[1], d)
        xdot = xdot + self.parameter(name + "/expand/bias", d)
        a = xdot @ self.parameter(name + "/attention/weights", d, groups)
        a = torch.sigmoid(a + self.parameter(name + "/attention/bias", groups))
        l = xdot @ self.parameter(name + "/clusters/weights", d, groups * k)
        l = self.normalize(name + "/assignment", l).reshape(-1, groups, k)
        w = torch.softmax(l, 2) * a[:, :, None]
        c = self.parameter(name + "/centres", f, k)
        videos = []
        for begin, end in zip(first, first[1:]):
            v = torch.zeros(f, k)
            for t in range(begin, end):
                for g in range(groups):
                    residuals = xdot[t, g * f:(g + 1) * f, None] - c
                    v = v + w[t, g] * residuals
            v = v / torch.sqrt(torch.clamp((v * v).sum(0), min=1e-12))
            videos.append(v.reshape(-1))
        return self.normalize(name + "/descriptor", torch.stack(videos))

    def logits(self, scope, parts, first):
        h = torch.cat([self.stream(scope + "rgb", parts[0], first, K, G),
                       self.stream(scope + "audio", parts[1], first, K // 2, G // 2)], 1)
        h = h @ self.parameter(scope + "hidden/weights", h.shape[1], H)
        h = self.normalize(scope + "normalization", h)
        u = h @ self.parameter(scope + "gate/squeeze/weights", H, H // REDUCTION)
        u = torch.relu(self.normalize(scope + "gate/normalization", u))
        h = h * torch.sigmoid(u @ self.parameter(scope + "gate/excite/weights", H // REDUCTION, H))
        z = h @ self.parameter(scope + "logistic/weights", H, CLASSES)
        return z + self.parameter(scope + "logistic/bias", CLASSES)

    def mixture(self, parts, first):
        x = torch.cat(parts, 1)
        means = torch.stack([x[a:b].mean(0) for a, b in zip(first, first[1:])])
        z = [self.logits("member-%d/" % m, parts, first) for m in range(3)]
        u = self.normalize("mixture/normalization", means)
        alpha = u @ self.parameter("mixture/gate/weights", x.shape[1], 3)
        alpha = torch.softmax(alpha + self.parameter("mixture/gate/bias", 3), 1)
        return [sum(alpha[:, m:m + 1] * z[m] for m in range(3))] + z

    def penalty(self):
        head = [w for name, w in self.trained.items() if "logistic" in name]
        return L2 / 2 * sum((w * w).sum() for w in head)


def cross_entropy(z, y, mask):
    """4.1 and 4.2, from probabilities: in double nothing here is near 0 or 1."""
    p = torch.sigmoid(z)
    return -(mask * (y * torch.log(p) + (1 - y) * torch.log(1 - p))).sum(1).mean()


def divergence(z_e, z_m, temperature):
    p, q = torch.softmax(z_e / temperature, 1), torch.softmax(z_m / temperature, 1)
    return (p * (torch.log(p + 1e-8) - torch.log(q + 1e-8))).sum(1).mean()


def update(network, moments, t):
    for name, w in network.trained.items():
        m, v = moments.setdefault(name, [torch.zeros_like(w), torch.zeros_like(w)])
        g = w.grad / max(1.0, float(w.grad.norm()))
        m.mul_(0.9).add_(0.1 * g)
        v.mul_(0.999).add_(0.001 * g * g)
        rate = RATE * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
        w.data -= rate * m / (v.sqrt() + 1e-8)


def save(path, tensors):
    header, data = {}, b""
    words = {"float64": "F64", "float32": "F32", "uint32": "U32", "uint8": "U8"}
    for name in sorted(tensors, key=lambda name: (-tensors[name].itemsize, name)):
        array = numpy.ascontiguousarray(tensors[name])
        header[name] = {"dtype": words[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write(file, mixture):
    first = numpy.cumsum([0] + LENGTHS)
    label_first = numpy.cumsum([0] + LABELS)
    frames = draw.randint(0, 256, size=(first[-1], sum(WIDTHS))).astype("uint8")
    classes = numpy.concatenate([draw.permutation(CLASSES)[:n] for n in LABELS]).astype("uint32")
    scores = draw.uniform(size=label_first[-1])
    eigenvalues = numpy.exp(draw.normal(size=WIDTHS[0])).astype("float32")

    y, mask = torch.zeros(len(LABELS), CLASSES), torch.zeros(len(LABELS), CLASSES)
    for video, (a, b) in enumerate(zip(label_first, label_first[1:])):
        for label in range(a, b):
            y[video, classes[label]], mask[video, classes[label]] = scores[label], 1
    x = torch.tensor(frames.astype("float64")) * 4 / 255 - 2 + 4 / 512
    if mixture:
        x = x / torch.sqrt(torch.clamp((x * x).sum(1, keepdim=True), min=1e-12))
    parts = [x[:, :WIDTHS[0]], x[:, WIDTHS[0]:]]
    if not mixture:
        mask = torch.ones_like(mask)
        spread = torch.sqrt(torch.tensor(eigenvalues.astype("float64"))) + 1e-4
        parts[0] = (parts[0] - 4 / 512) * spread

    network, moments, out, losses = Network(), {}, {}, []
    run = lambda: network.mixture(parts, first) if mixture else [network.logits("", parts, first)]

    def loss_of(z):
        loss = sum(cross_entropy(one, y, mask) for one in z) + network.penalty()
        return loss + 3**2 * sum(divergence(z[0], one, 3) for one in z[1:])

    def note(prefix, tensors):
        for name, tensor in tensors.items():
            out[prefix + name] = tensor.detach().numpy().copy()

    network.training = False
    run()  # draws the parameters
    network.training = True
    note("begin/", {**network.trained, **network.moving})
    for t in range(1, STEPS + 1):
        z = run()
        loss = loss_of(z)
        for w in network.trained.values():
            w.grad = None
        loss.backward()
        losses.append(float(loss))
        if t == 1:
            note("", {"logits": z[0], "probabilities": torch.sigmoid(z[0]), "loss": loss})
            note("gradient/", {name: w.grad for name, w in network.trained.items()})
        update(network, moments, t)
    note("end/", {**network.trained, **network.moving})
    network.training = False
    note("", {"prediction": torch.sigmoid(run()[0])})
    out["loss"] = out["loss"].reshape(1)
    out.update({"losses": numpy.array(losses), "frames": frames, "label_class": classes,
                "label_score": scores, "frame_first": first.astype("uint32"),
                "label_first": label_first.astype("uint32"), "eigenvalues": eigenvalues})
    save(os.path.join(os.path.dirname(os.path.abspath(__file__)), file), out)


write("nextvlad.safetensors", False)
write("nextvlad_mixture.safetensors", True)

"""What the writers of golden networks share: data, parameters by name, losses, 20 steps of training.

A network's golden file holds, as PyTorch's automatic differentiation has them in double:

    frames U8 [frames, 20], frame_first, label_class, label_first U32, label_score F64, eigenvalues F32
    begin/NAME      parameters and moving averages before the first step
    logits, probabilities, loss      forward in training, before the first step; logits if there are any
    gradient/NAME   of the loss
    losses          of the steps, before each
    end/NAME        after 20 steps: gradients clipped one by one, Adam in TensorFlow's form
    prediction      probabilities by the moving averages, after them

Written from spec/models 1, 2, 3 and 4; nothing is shared with Podium but the names of parameters.
"""
import json
import os
import struct

import numpy
import torch

torch.set_default_dtype(torch.float64)
WIDTHS, CLASSES, STEPS, RATE, MOMENTUM, L2 = [12, 8], 10, 20, 0.01, 0.05, 1e-3


class Network:
    """Parameters by name; a new one is drawn when it is first asked for."""

    def __init__(self, draw, momentum=MOMENTUM):
        self.draw, self.momentum = draw, momentum
        self.trained, self.moving, self.training = {}, {}, True

    def parameter(self, name, *shape, mean=0.0, spread=0.5):
        if name not in self.trained:
            value = torch.tensor(mean + spread * self.draw.normal(size=shape))
            self.trained[name] = value.requires_grad_()
        return self.trained[name]

    def linear(self, name, x, width, spread=0.5):
        return x @ self.parameter(name + "/weights", x.shape[1], width, spread=spread) \
            + self.parameter(name + "/bias", width, spread=spread)

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
                old.add_(self.momentum * (new.detach() - old))
        return (x - m) / torch.sqrt(v + 1e-3) * scale + shift

    def gate(self, name, x):
        """3.3 and 3.4: every element times a gate computed from all."""
        gates = x @ self.parameter(name + "/gate/weights", x.shape[1], x.shape[1])
        return x * torch.sigmoid(self.normalize(name + "/normalization", gates))

    def experts(self, name, x, count):
        """3.2: the probabilities of a mixture of experts with a dummy that always answers 0."""
        gates = x @ self.parameter(name + "/gates/weights", x.shape[1], CLASSES * (count + 1))
        experts = self.linear(name + "/experts", x, CLASSES * count)
        pi = torch.softmax(gates.reshape(len(x), CLASSES, count + 1), 2)
        return (pi[:, :, :count] * torch.sigmoid(experts.reshape(len(x), CLASSES, count))).sum(2)

    def penalty(self, names):
        return L2 / 2 * sum((self.trained[name] ** 2).sum() for name in names)


class Data:
    """Bytes of frames, labels with scores; `parts` are rgb and audio, normalised."""

    def __init__(self, draw, lengths, labels):
        self.first = numpy.cumsum([0] + lengths)
        self.label_first = numpy.cumsum([0] + labels)
        self.frames = draw.randint(0, 256, size=(self.first[-1], sum(WIDTHS))).astype("uint8")
        chosen = [draw.permutation(CLASSES)[:n] for n in labels]
        self.classes = numpy.concatenate(chosen).astype("uint32")
        self.scores = draw.uniform(size=self.label_first[-1])
        self.eigenvalues = numpy.exp(draw.normal(size=WIDTHS[0])).astype("float32")
        self.y = torch.zeros(len(labels), CLASSES)
        self.mask = torch.zeros(len(labels), CLASSES)
        for video, (a, b) in enumerate(zip(self.label_first, self.label_first[1:])):
            for label in range(a, b):
                self.y[video, self.classes[label]] = self.scores[label]
                self.mask[video, self.classes[label]] = 1

    def videos(self):
        return zip(self.first, self.first[1:])

    def parts(self, unit_length):
        x = torch.tensor(self.frames.astype("float64")) * 4 / 255 - 2 + 4 / 512
        if unit_length:
            x = x / torch.sqrt(torch.clamp((x * x).sum(1, keepdim=True), min=1e-12))
        return [x[:, :WIDTHS[0]], x[:, WIDTHS[0]:]]

    def dewhitened(self):
        rgb, audio = self.parts(False)
        spread = torch.sqrt(torch.tensor(self.eigenvalues.astype("float64"))) + 1e-4
        return [(rgb - 4 / 512) * spread, audio]


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


def write(file, network, data, run, loss_of, outputs_of):
    """Train and write down.

    run()           what the network says of the data
    loss_of(said)   what is minimised
    outputs_of(said)  {"logits": ..., "probabilities": ...}
    """
    moments, out, losses = {}, {}, []

    def note(prefix, tensors):
        for name, tensor in tensors.items():
            out[prefix + name] = tensor.detach().numpy().copy()

    network.training = False
    run()  # draws the parameters
    network.training = True
    note("begin/", {**network.trained, **network.moving})
    for t in range(1, STEPS + 1):
        said = run()
        loss = loss_of(said)
        for w in network.trained.values():
            w.grad = None
        loss.backward()
        losses.append(float(loss))
        if t == 1:
            note("", {**outputs_of(said), "loss": loss})
            note("gradient/", {name: w.grad for name, w in network.trained.items()})
        update(network, moments, t)
    note("end/", {**network.trained, **network.moving})
    network.training = False
    note("", {"prediction": outputs_of(run())["probabilities"]})
    out["loss"] = out["loss"].reshape(1)
    out.update({"losses": numpy.array(losses), "frames": data.frames, "label_class": data.classes,
                "label_score": data.scores, "frame_first": data.first.astype("uint32"),
                "label_first": data.label_first.astype("uint32"), "eigenvalues": data.eigenvalues})
    save(os.path.join(os.path.dirname(os.path.abspath(__file__)), file), out)

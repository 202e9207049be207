#!/usr/bin/python3
"""The video baseline once more, in PyTorch: what Podium's own figures are held against.

    video_baseline_torch.py DATA [--seed N] [--train-shards 26]
        --logistic 'FLAGS' --moe 'FLAGS' --resnet-like 'FLAGS'

Reads video-level shards (TFRecords of tf.Example), trains each model that is named on the first
shards by name, scores the videos of the others, and prints one JSON object: GAP@20, Hit@1, PERR and
MAP of each model and of the mean of their scores.

FLAGS are those of Podium's `train`, by the same names and with the same defaults. Nothing is shared
with Podium: the reader, the models, the optimiser, the metrics and all random numbers are this
file's own or PyTorch's, so that equal figures say something. Needs Python 3, numpy and torch.
"""
import argparse
import glob
import json
import math
import os
import shlex
import struct
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

WIDTHS = (("mean_rgb", 1024), ("mean_audio", 128))


# ---- reading ----


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a message; bytes for length-delimited ones."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = {1: 8, 5: 4}[kind]
            value, at = data[at:at + size], at + size
        yield tag >> 3, value


def int64_list(data):
    values = []
    for _, value in fields(data):
        if isinstance(value, int):
            values.append(value)
        else:
            at = 0
            while at < len(value):
                one, at = varint(value, at)
                values.append(one)
    return values


def float_list(data):
    return numpy.frombuffer(b"".join(value for _, value in fields(data)), "<f4")


def features(payload):
    """The features of a tf.Example by name: lists of int, arrays of float, or bytes."""
    read = {1: lambda data: [value for _, value in fields(data)], 2: float_list, 3: int64_list}
    found = {}
    for number, message in fields(payload):
        if number != 1:
            continue
        for _, entry in fields(message):
            pair = dict(fields(entry))
            for kind, value in fields(pair[2]):
                found[bytes(pair[1]).decode()] = read[kind](value)
    return found


def records(path):
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        yield data[at + 12:at + 12 + size]
        at += 16 + size


def read_videos(paths):
    x, labels = [], []
    for path in paths:
        for payload in records(path):
            video = features(payload)
            x.append(numpy.concatenate([video[name] for name, _ in WIDTHS]))
            labels.append(video.get("labels", []))
    return torch.from_numpy(numpy.stack(x)), labels


# ---- models ----


def xavier(fan_in, fan_out):
    limit = math.sqrt(6 / (fan_in + fan_out))
    return nn.Parameter(torch.empty(fan_in, fan_out).uniform_(-limit, limit))


class Logistic(nn.Module):
    def __init__(self, flags):
        super().__init__()
        self.weights = xavier(1152, flags.classes)
        self.bias = nn.Parameter(torch.zeros(flags.classes))
        self.penalised = [self.weights, self.bias]

    def forward(self, x):
        logits = x @ self.weights + self.bias
        return logits, torch.sigmoid(logits)


class MixtureOfExperts(nn.Module):
    def __init__(self, flags):
        super().__init__()
        self.shape = (-1, flags.classes, flags.experts)
        self.gates = xavier(1152, flags.classes * (flags.experts + 1))
        self.experts = xavier(1152, flags.classes * flags.experts)
        self.bias = nn.Parameter(torch.zeros(flags.classes * flags.experts))
        self.penalised = [self.gates, self.experts]

    def forward(self, x):
        _, classes, experts = self.shape
        gates = (x @ self.gates).view(-1, classes, experts + 1).softmax(2)
        answers = torch.sigmoid(x @ self.experts + self.bias).view(-1, classes, experts)
        return None, (gates[:, :, :experts] * answers).sum(2)


class FullBlock(nn.Sequential):
    def __init__(self, fan_in, fan_out, dropout):
        super().__init__(nn.Linear(fan_in, fan_out), nn.BatchNorm1d(fan_out), nn.LeakyReLU(0.01),
                         nn.Dropout(dropout))


class IdentityBlock(nn.Module):
    def __init__(self, outer, inner, dropout):
        super().__init__()
        self.inside = nn.Sequential(FullBlock(outer, inner, dropout), nn.Linear(inner, outer))

    def forward(self, x):
        return functional.leaky_relu(x + self.inside(x), 0.01)


class ResNetLike(nn.Module):
    def __init__(self, flags):
        super().__init__()
        n, dropout = flags.inner, flags.dropout

        def tower(width):
            blocks = [IdentityBlock(n, n, dropout) for _ in range(flags.tower_blocks)]
            return nn.Sequential(FullBlock(width, n, dropout), *blocks)

        self.video, self.audio = tower(1024), tower(128)
        joint = [IdentityBlock(2 * n, n, dropout) for _ in range(flags.joint_blocks)]
        self.joint = nn.Sequential(*joint, FullBlock(2 * n, n, dropout),
                                   nn.Linear(n, flags.classes))
        self.penalised = []

    def forward(self, x):
        parts = [self.audio(x[:, 1024:]), self.video(x[:, :1024])]
        logits = self.joint(torch.cat(parts, 1))
        return logits, torch.sigmoid(logits)


MODELS = {"logistic": Logistic, "moe": MixtureOfExperts, "resnet-like": ResNetLike}


# ---- training ----


def train_flags(text):
    parser = argparse.ArgumentParser(prog="FLAGS", allow_abbrev=False)
    add = parser.add_argument
    add("--epochs", type=int, default=5)
    add("--batch-size", type=int, default=1024)
    add("--learning-rate", type=float, default=0.01)
    add("--schedule", choices=("constant", "staircase", "smooth"), default="staircase")
    add("--decay", type=float, default=0.95)
    add("--decay-samples", type=float, default=4e6)
    add("--optimizer", choices=("adam", "adam-torch"), default="adam")
    add("--clip", choices=("per-variable", "global", "none"), default="per-variable")
    add("--clip-norm", type=float, default=1)
    add("--loss", choices=("auto", "logits", "probabilities"), default="auto")
    add("--epsilon", type=float, default=1e-5)
    add("--reduction", choices=("sum", "mean"), default="sum")
    add("--normalization", choices=("l2", "raw"), default="l2")
    add("--classes", type=int, default=3862)
    add("--l2", type=float, default=1e-8)
    add("--experts", type=int, default=2)
    add("--inner", type=int, default=2048)
    add("--tower-blocks", type=int, default=1)
    add("--joint-blocks", type=int, default=1)
    add("--dropout", type=float, default=0.5)
    return parser.parse_args(shlex.split(text))


class TensorFlowAdam(torch.optim.Optimizer):
    """Adam with epsilon beside the uncorrected root, as TensorFlow has it."""

    def __init__(self, parameters, rate):
        super().__init__(parameters, {"lr": rate})
        self.done = 0

    @torch.no_grad()
    def step(self):
        self.done += 1
        correction = math.sqrt(1 - 0.999 ** self.done) / (1 - 0.9 ** self.done)
        for group in self.param_groups:
            for w in group["params"]:
                state = self.state[w]
                if not state:
                    state["m"], state["v"] = torch.zeros_like(w), torch.zeros_like(w)
                state["m"].mul_(0.9).add_(w.grad, alpha=0.1)
                state["v"].mul_(0.999).addcmul_(w.grad, w.grad, value=0.001)
                w.addcdiv_(state["m"], state["v"].sqrt().add_(1e-8),
                           value=-group["lr"] * correction)


def learning_rate(flags, samples):
    if flags.schedule == "constant":
        return flags.learning_rate
    power = samples / flags.decay_samples
    return flags.learning_rate * flags.decay ** (math.floor(power) if flags.schedule == "staircase"
                                                 else power)


def clip(flags, parameters):
    if flags.clip == "global":
        nn.utils.clip_grad_norm_(parameters, flags.clip_norm)
    elif flags.clip == "per-variable":
        for w in parameters:
            w.grad.mul_(flags.clip_norm / max(w.grad.norm().item(), flags.clip_norm))


def loss_of(flags, model, x, y):
    logits, probabilities = model(x)
    if logits is not None and flags.loss != "probabilities":
        loss = functional.binary_cross_entropy_with_logits(logits, y, reduction="none")
    else:
        loss = -(y * (probabilities + flags.epsilon).log()
                 + (1 - y) * (1 - probabilities + flags.epsilon).log())
    loss = loss.sum(1).mean() / (flags.classes if flags.reduction == "mean" else 1)
    return loss + sum(flags.l2 / 2 * w.square().sum() for w in model.penalised)


def normalised(flags, x):
    return functional.normalize(x) if flags.normalization == "l2" else x


def dense_targets(flags, labels, device):
    y = torch.zeros(len(labels), flags.classes)
    for row, classes in enumerate(labels):
        y[row, classes] = 1
    return y.to(device)


def train(name, flags, x, labels, device):
    """One pass after another over shuffled videos; a batch may reach into the next pass."""
    model = MODELS[name](flags).to(device)
    x = normalised(flags, x).to(device)
    parameters = list(model.parameters())
    kind = TensorFlowAdam if flags.optimizer == "adam" else torch.optim.Adam
    optimizer = kind(parameters, flags.learning_rate)
    total = flags.epochs * len(labels)
    order = torch.cat([torch.randperm(len(labels)) for _ in range(flags.epochs)])
    started, seen, losses = time.time(), 0, []
    for rows in order.split(flags.batch_size):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(flags, seen)
        optimizer.zero_grad()
        y = dense_targets(flags, [labels[row] for row in rows.tolist()], device)
        loss = loss_of(flags, model, x[rows], y)
        loss.backward()
        clip(flags, parameters)
        optimizer.step()
        seen += len(rows)
        losses.append(loss.item())
    print("%s: %d steps in %.1f s, loss %.3f" % (name, len(losses), time.time() - started,
                                                 numpy.mean(losses[-10:])), file=sys.stderr)
    return model.eval()


@torch.no_grad()
def predict(model, flags, x, device):
    x = normalised(flags, x).to(device)
    return torch.cat([model(rows)[1].cpu() for rows in x.split(1024)]).numpy()


# ---- metrics ----


def average_precision(scores, hits, positives):
    hits = hits[numpy.argsort(-scores, kind="stable")]
    precision = hits.cumsum() / numpy.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / positives)


def measure(scores, labels):
    """GAP@20, Hit@1, PERR over everything; MAP over each video's 20 best, as the starter has it."""
    truth = numpy.zeros(scores.shape, bool)
    for row, classes in enumerate(labels):
        truth[row, classes] = True
    ranked = numpy.argsort(-scores, 1, kind="stable")
    top = ranked[:, :20]
    top_scores, top_hits = (numpy.take_along_axis(of, top, 1) for of in (scores, truth))
    perr = [numpy.mean([truth[row, c] and scores[row, c] > 0 for c in ranked[row, :len(classes)]])
            if classes else 0 for row, classes in enumerate(labels)]
    kept = numpy.zeros(scores.shape, bool)
    numpy.put_along_axis(kept, top, True, 1)
    each = [average_precision(scores[kept[:, c], c], truth[kept[:, c], c], truth[:, c].sum())
            for c in numpy.flatnonzero(truth.any(0))]
    return {"gap": average_precision(top_scores.ravel(), top_hits.ravel(), truth.sum()),
            "hit_at_1": float(top_hits[:, 0].mean()), "perr": float(numpy.mean(perr)),
            "map": float(numpy.mean(each))}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder of video-level shards")
    parser.add_argument("--train-shards", type=int, default=26)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    for name in MODELS:
        parser.add_argument("--" + name, metavar="FLAGS")
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    torch.manual_seed(told.seed)
    shards = sorted(glob.glob(os.path.join(told.data, "*.tfrecord")))
    x, labels = read_videos(shards[:told.train_shards])
    held_x, held_labels = read_videos(shards[told.train_shards:])
    result, total, count = {"train": len(labels), "validate": len(held_labels)}, 0, 0
    for name in MODELS:
        text = getattr(told, name.replace("-", "_"))
        if text is None:
            continue
        flags = train_flags(text)
        model = train(name, flags, x, labels, told.device)
        scores = predict(model, flags, held_x, told.device)
        result[name] = measure(scores, held_labels)
        result[name]["parameters"] = sum(w.numel() for w in model.parameters())
        total, count = total + scores, count + 1
    result["mean"] = measure(total / max(count, 1), held_labels)
    print(json.dumps(result, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()

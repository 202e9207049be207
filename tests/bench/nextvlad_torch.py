#!/usr/bin/python3
"""NeXtVLAD in PyTorch: the peer of tests/bench/model.c; help/torch_bench.py says how it is used.

    --form=plain   frames are expanded, and assigned and summed as they are then
    --form=moved   the same function with the expansion behind the sums over frames; before the
                   clock starts, both forms are held against each other in double precision
"""
import argparse

import torch
from torch import nn
from torch.nn import functional

from help.torch_bench import WIDTH, Classifier, main, norm


class Stream(nn.Module):
    def __init__(self, width, k, groups, expansion, form):
        super().__init__()
        d = expansion * width
        self.k, self.groups, self.f, self.form = k, groups, d // groups, form
        self.expand = nn.Linear(width, d)
        self.attention = nn.Linear(d, groups)
        self.clusters = nn.Linear(d, groups * k, bias=False)
        self.assignment = norm(groups * k)
        self.centres = nn.Parameter(torch.randn(self.f, k) / self.f**0.5)
        self.descriptor = norm(self.f * k)

    def assign(self, logits, attention):
        """Of each frame, [groups, k] weights."""
        w = torch.softmax(self.assignment(logits).view(-1, self.groups, self.k), 2)
        return w * torch.sigmoid(attention).unsqueeze(2)

    def plain(self, x):
        """Sums over frames, [batch, f, k], and of their weights, [batch, 1, k]."""
        batch, frames, _ = x.shape
        x = self.expand(x.reshape(batch * frames, -1))
        w = self.assign(self.clusters(x), self.attention(x))
        w = w.view(batch, frames * self.groups, self.k)
        x = x.view(batch, frames * self.groups, self.f)
        return torch.bmm(x.transpose(1, 2), w), w.sum(1, keepdim=True)

    def moved(self, x):
        """The same: x is read by linear maps alone, so what they make of We x + be is made of x."""
        batch, frames, width = x.shape
        we, be = self.expand.weight, self.expand.bias  # [d, width], [d]
        maps = torch.cat([self.clusters.weight, self.attention.weight])  # [groups k + groups, d]
        offsets = maps @ be + functional.pad(self.attention.bias, (self.groups * self.k, 0))
        y = functional.linear(x.reshape(batch * frames, width), maps @ we, offsets)
        logits, attention = y.split([self.groups * self.k, self.groups], 1)
        w = self.assign(logits, attention).view(batch, frames, self.groups * self.k)
        sums = torch.bmm(w.transpose(1, 2), x).view(batch, self.groups, self.k, width)
        weights = w.sum(1).view(batch, self.groups, self.k)
        v = sums.transpose(1, 2).reshape(batch * self.k, self.groups * width)
        v = v @ we.view(self.groups, self.f, width).transpose(1, 2).reshape(-1, self.f)
        v = v.view(batch, self.k, self.f) + weights.transpose(1, 2) @ be.view(self.groups, self.f)
        return v.transpose(1, 2), weights.sum(1, keepdim=True)

    def forward(self, x):
        sums, weights = self.moved(x) if self.form == "moved" else self.plain(x)
        v = functional.normalize(sums - weights * self.centres, dim=1)
        return self.descriptor(v.reshape(len(x), -1))


class NeXtVLAD(Classifier):
    def __init__(self, told):
        super().__init__()
        k, groups, hidden = told.clusters, told.groups, told.hidden
        squeezed = hidden // told.gate_reduction
        self.dropout = told.dropout
        self.rgb = Stream(1024, k, groups, told.expansion, told.form)
        self.audio = Stream(128, k // 2, groups // 2, told.expansion, told.form)
        self.hidden = nn.Linear((self.rgb.f * k) + self.audio.f * (k // 2), hidden, bias=False)
        self.norm = norm(hidden)
        self.squeeze = nn.Linear(hidden, squeezed, bias=False)
        self.gate = norm(squeezed)
        self.excite = nn.Linear(squeezed, hidden, bias=False)
        self.logistic = nn.Linear(hidden, told.classes)

    def penalised(self):
        return self.logistic.parameters()

    def forward(self, x):
        h = torch.cat([self.rgb(x[:, :, :1024]), self.audio(x[:, :, 1024:])], 1)
        h = self.norm(self.hidden(functional.dropout(h, self.dropout, self.training)))
        h = h * torch.sigmoid(self.excite(torch.relu(self.gate(self.squeeze(h)))))
        return self.logistic(h)


def outcome(model, form, x):
    """Logits, and the gradients of all parameters."""
    model.rgb.form = model.audio.form = form
    model.zero_grad()
    z = model(x)
    (z * torch.linspace(-1, 1, z.numel(), dtype=z.dtype).view_as(z)).sum().backward()
    return [z.detach()] + [w.grad.clone() for w in model.parameters()]


def check_forms(told):
    """Both forms are one function: with these streams, and a small trunk behind them."""
    small = {"hidden": 2 * told.gate_reduction, "classes": 5, "dropout": 0}
    model = NeXtVLAD(argparse.Namespace(**{**vars(told), **small})).double()
    x = functional.normalize(torch.randn(4, 6, WIDTH, dtype=torch.double), dim=2)
    for plain, moved in zip(outcome(model, "plain", x), outcome(model, "moved", x)):
        if (plain - moved).abs().max() > 1e-10 * (plain.abs().max() + 1):
            raise SystemExit("nextvlad_torch.py: the moved form is another function; a bug")


def make(told):
    if told.form == "moved":
        check_forms(told)
    return NeXtVLAD(told)


def add_options(add):
    add("--form", choices=("plain", "moved"), default="plain")
    add("--clusters", type=int, default=128)
    add("--groups", type=int, default=8)
    add("--expansion", type=int, default=2)
    add("--hidden", type=int, default=2048)
    add("--gate-reduction", type=int, default=8)
    add("--dropout", type=float, default=0.5)


if __name__ == "__main__":
    main(make, add_options)

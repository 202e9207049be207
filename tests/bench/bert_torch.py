#!/usr/bin/python3
"""BERT in PyTorch: the peer of tests/bench/model.c; help/torch_bench.py says how it is used.

Queries, keys and values are one product, as they are in Podium.
"""
import torch
from torch import nn
from torch.nn import functional

from help.torch_bench import WIDTH, Classifier, main

EPSILON = 1e-5  # of the loss's logarithms


class Layer(nn.Module):
    def __init__(self, told):
        super().__init__()
        self.heads, self.dropout = told.heads, told.dropout
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.inner = nn.Linear(WIDTH, told.feed_forward)
        self.project = nn.Linear(told.feed_forward, WIDTH)
        self.last = nn.LayerNorm(WIDTH, eps=1e-12)

    def drop(self, x):
        return functional.dropout(x, self.dropout, self.training)

    def attention(self, x):
        batch, frames, _ = x.shape
        qkv = self.qkv(x).view(batch, frames, 3, self.heads, WIDTH // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).reshape(3, batch * self.heads, frames, -1).unbind(0)
        p = torch.softmax(torch.bmm(q, k.transpose(1, 2)) * q.shape[2] ** -0.5, 2)
        a = torch.bmm(self.drop(p), v).view(batch, self.heads, frames, -1)
        return self.output(a.transpose(1, 2).reshape(batch, frames, WIDTH))

    def forward(self, x):
        x = self.norm(x + self.drop(self.attention(x)))
        f = self.project(functional.gelu(self.inner(x), approximate="tanh"))
        return self.last(x + self.drop(f))


class Bert(Classifier):
    def __init__(self, told):
        super().__init__()
        self.shape = (-1, told.classes, told.experts)
        self.layers = nn.Sequential(*[Layer(told) for _ in range(told.layers)])
        self.gates = nn.Linear(WIDTH, told.classes * (told.experts + 1), bias=False)
        self.experts = nn.Linear(WIDTH, told.classes * told.experts)

    def forward(self, x):
        """Of a mixture of experts for every class, with a dummy that answers 0."""
        _, classes, experts = self.shape
        v = self.layers(x).mean(1)
        pi = torch.softmax(self.gates(v).view(-1, classes, experts + 1), 2)
        q = torch.sigmoid(self.experts(v).view(self.shape))
        return (pi[:, :, :experts] * q).sum(2)

    def penalty(self):
        return 0.5e-6 * sum((w * w).sum() for w in (self.gates.weight, self.experts.weight))

    def loss(self, x, y):
        p = self(x).float()
        terms = y * torch.log(p + EPSILON) + (1 - y) * torch.log(1 - p + EPSILON)
        return self.penalty() - terms.sum() / len(y)

    def scores(self, x):
        return self(x)


def add_options(add):
    add("--layers", type=int, default=2)
    add("--heads", type=int, default=12)
    add("--feed-forward", type=int, default=3072)
    add("--dropout", type=float, default=0.1)
    add("--experts", type=int, default=5)


if __name__ == "__main__":
    main(Bert, add_options)

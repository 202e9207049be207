#!/usr/bin/python3
"""Time training steps of BERT in PyTorch: the peer of `make profile MODEL=bert`.

    bert_torch.py BATCH FRAMES STEPS [LAYERS HEADS]

The same model, batch and work: bytes of frames in memory, dequantised, unit length, an encoder of width
1152 with a feed-forward layer of 3072 and dropout of 0.1, the mean over frames, five experts a class,
cross entropy of probabilities, L2 on the experts, backward, each gradient clipped to length 1, Adam; 2
threads. All videos have the same number of frames, so nothing is padded. Queries, keys and values are
one product, as they are here. Prints the milliseconds of each step but the first two, then the
processor seconds of one. What makes PyTorch fast on the machine is set as in help/turns.sh.
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional

WARM_UP, WIDTH, INNER, CLASSES, EXPERTS, RATE, EPSILON = 2, 1152, 3072, 3862, 5, 0.1, 1e-5


class Layer(nn.Module):
    def __init__(self, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.inner = nn.Linear(WIDTH, INNER)
        self.project = nn.Linear(INNER, WIDTH)
        self.last = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x):
        batch, frames, _ = x.shape
        qkv = self.qkv(x).view(batch, frames, 3, self.heads, WIDTH // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).reshape(3, batch * self.heads, frames, -1).unbind(0)
        p = torch.softmax(torch.bmm(q, k.transpose(1, 2)) * q.shape[2] ** -0.5, 2)
        a = torch.bmm(functional.dropout(p, RATE), v).view(batch, self.heads, frames, -1)
        a = self.output(a.transpose(1, 2).reshape(batch, frames, WIDTH))
        x = self.norm(x + functional.dropout(a, RATE))
        f = self.project(functional.gelu(self.inner(x), approximate="tanh"))
        return self.last(x + functional.dropout(f, RATE))


class Bert(nn.Module):
    def __init__(self, layers, heads):
        super().__init__()
        self.layers = nn.Sequential(*[Layer(heads) for _ in range(layers)])
        self.gates = nn.Linear(WIDTH, CLASSES * (EXPERTS + 1), bias=False)
        self.experts = nn.Linear(WIDTH, CLASSES * EXPERTS)

    def forward(self, x):
        v = self.layers(x).mean(1)
        pi = torch.softmax(self.gates(v).view(-1, CLASSES, EXPERTS + 1), 2)
        q = torch.sigmoid(self.experts(v).view(-1, CLASSES, EXPERTS))
        return (pi[:, :, :EXPERTS] * q).sum(2)


def main():
    batch, frames, steps = (int(word) for word in sys.argv[1:4])
    layers, heads = (int(word) for word in sys.argv[4:6]) if len(sys.argv) > 5 else (2, 12)
    torch.set_num_threads(2)
    torch.manual_seed(1)
    model = Bert(layers, heads)
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, 1e-4, foreach=True)  # the faster of its two loops
    features = torch.randint(256, (batch, frames, WIDTH), dtype=torch.uint8)
    labels = torch.randint(CLASSES, (batch, 3))
    for step in range(WARM_UP + steps):
        begun, own = time.perf_counter(), time.process_time()
        y = torch.zeros(batch, CLASSES).scatter_(1, labels, 1)
        x = functional.normalize(features.float().mul_(4 / 255).add_(4 / 512 - 2), dim=2)
        p = model(x)
        loss = -(y * torch.log(p + EPSILON) + (1 - y) * torch.log(1 - p + EPSILON)).sum() / batch
        for w in (model.gates.weight, model.experts.weight):
            loss = loss + 0.5e-6 * (w * w).sum()
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        for w in parameters:
            nn.utils.clip_grad_norm_([w], 1)
        optimizer.step()
        if step >= WARM_UP:
            print("%.1f" % (1e3 * (time.perf_counter() - begun)), flush=True)
    print("%.3f CPU-seconds in the last step" % (time.process_time() - own))


if __name__ == "__main__":
    main()

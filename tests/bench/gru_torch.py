#!/usr/bin/python3
"""Recurrent units in PyTorch: the peer of tests/bench/model.c; help/torch_bench.py says how it is used.

    --form=library  torch.nn.GRU, which multiplies before it resets, so that a step is one product. The biases
                    that only it has stay 0
    --form=cell     the same function as Podium's, frame by frame; products by x of all frames at once
"""
import torch
from torch import nn
from torch.nn import functional

from help.torch_bench import WIDTH, Classifier, main, norm


class Cell(nn.Module):
    def __init__(self, width, cells):
        super().__init__()
        self.cells = cells
        self.of_x = nn.Linear(width, 3 * cells)
        self.gates = nn.Linear(cells, 2 * cells, bias=False)
        self.candidate = nn.Linear(cells, cells, bias=False)

    def forward(self, x):
        h, states = x.new_zeros(len(x), self.cells), []
        for frame in self.of_x(x).unbind(1):
            opened = torch.sigmoid(frame[:, :2 * self.cells] + self.gates(h))
            r, u = opened.split(self.cells, 1)
            c = torch.tanh(frame[:, 2 * self.cells:] + self.candidate(r * h))
            h = c + u * (h - c)
            states.append(h)
        return torch.stack(states, 1)


def library(width, cells):
    layer = nn.GRU(width, cells, batch_first=True)
    nn.init.zeros_(layer.bias_hh_l0).requires_grad_(False)
    return layer


class GRU(Classifier):
    def __init__(self, told):
        super().__init__()
        make = library if told.form == "library" else Cell
        squeezed = told.hidden // told.gate_reduction
        self.dropout = told.dropout
        self.layers = nn.ModuleList([make(told.cells if i else WIDTH, told.cells) for i in range(told.layers)])
        self.hidden = nn.Linear(told.layers * told.cells, told.hidden, bias=False)
        self.norm = norm(told.hidden)
        self.squeeze = nn.Linear(told.hidden, squeezed, bias=False)
        self.gate = norm(squeezed)
        self.excite = nn.Linear(squeezed, told.hidden, bias=False)
        self.logistic = nn.Linear(told.hidden, told.classes)

    def penalised(self):
        return self.logistic.parameters()

    def forward(self, x):
        last = []
        for layer in self.layers:
            x = layer(x)
            x = x[0] if isinstance(x, tuple) else x
            last.append(x[:, -1])
        h = functional.dropout(torch.cat(last, 1), self.dropout, self.training)
        h = self.norm(self.hidden(h))
        h = h * torch.sigmoid(self.excite(torch.relu(self.gate(self.squeeze(h)))))
        return self.logistic(h)


def add_options(add):
    add("--form", choices=("library", "cell"), default="library")
    add("--layers", type=int, default=2)
    add("--cells", type=int, default=1024)
    add("--hidden", type=int, default=2048)
    add("--gate-reduction", type=int, default=16)
    add("--dropout", type=float, default=0.5)


if __name__ == "__main__":
    main(GRU, add_options)

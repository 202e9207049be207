#!/usr/bin/python3
"""Write gru.safetensors: a small recurrent network as PyTorch's automatic differentiation has it in double;
network.py says what is in it.

Written from spec/models 5.6 and 8.1 with loops over videos and frames, [x, h] put side by side as there; nothing is
shared with Podium but the names of parameters. Nothing is dropped. A video has one frame, another 40.
"""
import numpy
import torch

import network

LENGTHS, LABELS = [1, 5, 40, 7, 3, 5, 2, 1], [2, 1, 3, 1, 2, 1, 1, 2]
CELLS, HIDDEN, REDUCTION = 19, 8, 4
draw = numpy.random.RandomState(23)


class GRU(network.Network):
    def matrix(self, name, x, h, width):
        """The cell's one matrix for [x, h], of the two that Podium has, and its bias."""
        of_x = self.parameter(name + "/weights", x, width)
        of_h = self.parameter(name + "/state-weights", h, width)
        return torch.cat([of_x, of_h]), self.parameter(name + "/bias", width)

    def states(self, name, x):
        """8.1: the state after each frame of one video."""
        Wg, bg = self.matrix(name + "/gates", x.shape[1], CELLS, 2 * CELLS)
        Wc, bc = self.matrix(name + "/candidate", x.shape[1], CELLS, CELLS)
        h, states = torch.zeros(CELLS), []
        for frame in x:
            r, u = torch.sigmoid(torch.cat([frame, h]) @ Wg + bg).split(CELLS)
            c = torch.tanh(torch.cat([frame, r * h]) @ Wc + bc)
            h = u * h + (1 - u) * c
            states.append(h)
        return torch.stack(states)

    def logits(self, parts, data):
        x, videos = torch.cat(parts, 1), []
        for a, b in data.videos():
            first = self.states("layer-0", x[a:b])
            videos.append(torch.cat([first[-1], self.states("layer-1", first)[-1]]))
        h = torch.stack(videos)
        h = h @ self.parameter("hidden/weights", h.shape[1], HIDDEN)
        h = self.normalize("normalization", h)
        u = h @ self.parameter("gate/squeeze/weights", HIDDEN, HIDDEN // REDUCTION)
        u = torch.relu(self.normalize("gate/normalization", u))
        h = h * torch.sigmoid(u @ self.parameter("gate/excite/weights", HIDDEN // REDUCTION, HIDDEN))
        return self.linear("logistic", h, network.CLASSES)


data = network.Data(draw, LENGTHS, LABELS)
parts = data.parts(True)
model = GRU(draw)


def loss_of(z):
    """4.1 from logits, with the L2 of 3.1"""
    p = torch.sigmoid(z)
    terms = data.y * torch.log(p) + (1 - data.y) * torch.log(1 - p)
    return -terms.sum(1).mean() + model.penalty(["logistic/weights", "logistic/bias"])


network.write("gru.safetensors", model, data, lambda: model.logits(parts, data), loss_of,
              lambda z: {"logits": z, "probabilities": torch.sigmoid(z)})

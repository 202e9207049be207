#!/usr/bin/python3
"""Write nextvlad.safetensors and nextvlad_mixture.safetensors: a small NeXtVLAD and a mixture of three,
as PyTorch's automatic differentiation has them in double; network.py says what is in them.

The first reads dewhitened features and learns from all classes; the mixture reads features of unit
length and learns from rated classes alone. Written from spec/models 1.3, 2, 3, 4, 5.1 and 9 with loops
over videos; nothing is shared with Podium but the names of parameters.
"""
import numpy
import torch

import network

LENGTHS, LABELS = [1, 5, 12, 7, 3], [2, 1, 3, 1, 2]
CLASSES = network.CLASSES
K, G, EXPANSION, H, REDUCTION = 6, 4, 2, 8, 4
draw = numpy.random.RandomState(11)


class NeXtVLAD(network.Network):
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


def cross_entropy(z, y, mask):
    """4.1 and 4.2, from probabilities: in double nothing here is near 0 or 1."""
    p = torch.sigmoid(z)
    return -(mask * (y * torch.log(p) + (1 - y) * torch.log(1 - p))).sum(1).mean()


def divergence(z_e, z_m, temperature):
    p, q = torch.softmax(z_e / temperature, 1), torch.softmax(z_m / temperature, 1)
    return (p * (torch.log(p + 1e-8) - torch.log(q + 1e-8))).sum(1).mean()


def write(file, mixture):
    data = network.Data(draw, LENGTHS, LABELS)
    parts = data.parts(True) if mixture else data.dewhitened()
    mask = data.mask if mixture else torch.ones_like(data.mask)
    model = NeXtVLAD(draw)

    def run():
        return model.mixture(parts, data.first) if mixture else [model.logits("", parts, data.first)]

    def loss_of(z):
        head = [name for name in model.trained if "logistic" in name]
        loss = sum(cross_entropy(one, data.y, mask) for one in z) + model.penalty(head)
        return loss + 3**2 * sum(divergence(z[0], one, 3) for one in z[1:])

    def outputs_of(z):
        return {"logits": z[0], "probabilities": torch.sigmoid(z[0])}

    network.write(file, model, data, run, loss_of, outputs_of)


write("nextvlad.safetensors", False)
write("nextvlad_mixture.safetensors", True)

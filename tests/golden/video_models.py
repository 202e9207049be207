#!/usr/bin/python3
"""Write bert*.safetensors and netvlad.safetensors: small encoders and a Gated NetVLAD as PyTorch's
automatic differentiation has them in double; network.py says what is in them.

Written from spec/models 2, 3, 4, 5.2 and 10 with loops over videos and heads; nothing is shared with
Podium but the names of parameters. Nothing is dropped. One video is longer than the block of frames
that Podium's attention keeps in memory.
"""
import numpy
import torch

import network

LENGTHS, LABELS = [1, 5, 70, 7, 3], [2, 1, 3, 1, 2]
EPSILON = 1e-5
draw = numpy.random.RandomState(17)


class Model(network.Network):
    def norm(self, name, x):
        scale = self.parameter(name + "/scale", x.shape[1], mean=1, spread=0.2)
        shift = self.parameter(name + "/shift", x.shape[1], spread=0.2)
        m = x.mean(1, keepdim=True)
        v = ((x - m) ** 2).mean(1, keepdim=True)
        return (x - m) / torch.sqrt(v + 1e-12) * scale + shift

    def layer(self, name, x, videos, heads, inner):
        """10.2"""
        d = x.shape[1]
        dk = d // heads
        q, k, v = self.linear(name + "/query-key-value", x, 3 * d).split(d, 1)
        outputs = []
        for a, b in videos:
            one = []
            for h in range(heads):
                part = slice(h * dk, (h + 1) * dk)
                scores = q[a:b, part] @ k[a:b, part].T / dk**0.5
                one.append(torch.softmax(scores, 1) @ v[a:b, part])
            outputs.append(torch.cat(one, 1))
        y = self.linear(name + "/output", torch.cat(outputs), d)
        x = self.norm(name + "/attention-norm", x + y)
        f = self.linear(name + "/feed-forward", x, inner)
        f = 0.5 * f * (1 + torch.tanh((2 / numpy.pi) ** 0.5 * (f + 0.044715 * f**3)))
        return self.norm(name + "/feed-forward-norm", x + self.linear(name + "/project", f, d))

    def bert(self, parts, data, layers, heads, inner, aggregation, cross=False, experts=2, gated=False, compression=1):
        """10.4 and 10.5; before them, each feature divided by `compression` by a linear map"""
        if compression > 1:
            parts = [x @ self.parameter("compression-%d/weights" % i, x.shape[1], -(-x.shape[1] // compression))
                     for i, x in enumerate(parts)]
        videos = list(data.videos())
        encode = lambda name, x, number: self.layer(name + "layer-%d" % number, x, videos, heads, inner)
        if cross:
            rgb, audio = parts
            for i in range(layers - 1):
                rgb, audio = encode("rgb/", rgb, i), encode("audio/", audio, i)
            b = encode("cross/", torch.cat([rgb, audio], 1), 0)
        else:
            b = torch.cat(parts, 1)
            for i in range(layers):
                b = encode("", b, i)
        vectors = []
        for begin, end in videos:
            own = b[begin:end]
            if aggregation == "mean":
                vectors.append(own.mean(0))
            elif aggregation == "first":
                vectors.append(own[0])
            elif aggregation == "attention":
                w = self.parameter("aggregation/weights", b.shape[1], 1)
                a = torch.softmax(own @ w / b.shape[1] ** 0.5, 0)
                vectors.append((a * own).sum(0))
            else:
                vectors.append(torch.cat([own[min(i, end - begin - 1)] for i in range(aggregation)]))
        p = self.experts("moe", torch.stack(vectors), experts)
        return self.gate("probability-gate", p) if gated else p

    def vlad(self, name, x, videos, clusters):
        """5.2: the stream"""
        x = self.normalize(name + "/input", x)
        l = x @ self.parameter(name + "/assignment/weights", x.shape[1], clusters)
        s = torch.softmax(self.normalize(name + "/assignment/normalization", l), 1)
        c = self.parameter(name + "/anchors", x.shape[1], clusters)
        vectors = []
        for a, b in videos:
            v = sum(s[t] * (x[t, :, None] - c) for t in range(a, b))
            v = (v / torch.sqrt((v * v).sum(0))).reshape(-1)
            vectors.append(v / torch.sqrt((v * v).sum()))
        return torch.stack(vectors)

    def netvlad(self, parts, data, clusters, hidden, experts):
        videos = list(data.videos())
        y = torch.cat([self.vlad("rgb", parts[0], videos, clusters),
                       self.vlad("audio", parts[1], videos, clusters // 2)], 1)
        z = self.gate("gate", self.linear("hidden", y, hidden))
        return self.gate("probability-gate", self.experts("moe", z, experts))


def write(file, say):
    data = network.Data(draw, LENGTHS, LABELS)
    parts = data.parts(True)
    model = Model(draw)

    def loss_of(p):
        """4.1, with the L2 of 10.5 on the experts' matrices"""
        terms = data.y * torch.log(p + EPSILON) + (1 - data.y) * torch.log(1 - p + EPSILON)
        return -terms.sum(1).mean() + model.penalty(["moe/gates/weights", "moe/experts/weights"])

    network.write(file, model, data, lambda: say(model, parts, data), loss_of,
                  lambda p: {"probabilities": p})


write("bert.safetensors", lambda m, x, data: m.bert(x, data, 2, 2, 12, "mean"))
write("bert_cross.safetensors",
      lambda m, x, data: m.bert(x, data, 2, 4, 6, "attention", cross=True, gated=True))
write("bert_flat.safetensors", lambda m, x, data: m.bert(x, data, 1, 5, 6, 4, experts=3))
write("bert_first.safetensors", lambda m, x, data: m.bert(x, data, 1, 10, 6, "first", experts=1))
write("netvlad.safetensors", lambda m, x, data: m.netvlad(x, data, 6, 8, 2))
write("bert_compressed.safetensors",
      lambda m, x, data: m.bert(x, data, 2, 1, 5, "attention", cross=True, compression=3))

#!/usr/bin/env python3
"""Write optimisers.safetensors: 20 steps of each optimiser, as PyTorch and numpy do them in double.

gradients  F64 [20, 13]   of three parameters with 5, 7 and 1 elements, one after another
begin      F64 [13]       their values before the first step
NAME/CLIP  F64 [20, 13]   their values after each step, learning rate 0.05
"""
import json
import os
import struct

import numpy
import torch

SIZES, STEPS, RATE = [5, 7, 1], 20, 0.05
NORMS = {"none": 1.0, "per-variable": 1.0, "global": 2.0}
draw = numpy.random.RandomState(7)
begin = draw.normal(size=sum(SIZES))
gradients = draw.normal(size=(STEPS, sum(SIZES))) * numpy.exp(draw.normal(size=(STEPS, 1)))
gradients[3, 5:12] = 0  # a parameter that got no gradient in one step


def tensorflow_adam(clip):
    """Kingma and Ba's form with the corrections in the rate, as tf.train.AdamOptimizer has it."""
    w, m, v, path = begin.copy(), 0 * begin, 0 * begin, []
    for t, gradient in enumerate(gradients, 1):
        g = gradient.copy()
        if clip == "per-variable":  # tf.clip_by_norm
            at = 0
            for size in SIZES:
                part = g[at : at + size]
                part *= NORMS[clip] / max(numpy.sqrt((part * part).sum()), NORMS[clip])
                at += size
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        w = w - RATE * numpy.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (numpy.sqrt(v) + 1e-8)
        path.append(w.copy())
    return numpy.array(path)


def pytorch(make, clip):
    edges = numpy.cumsum([0] + SIZES)
    parameters = [torch.nn.Parameter(torch.tensor(begin[a:b])) for a, b in zip(edges, edges[1:])]
    optimiser, path = make(parameters), []
    for gradient in gradients:
        for parameter, a, b in zip(parameters, edges, edges[1:]):
            parameter.grad = torch.tensor(gradient[a:b])
        if clip == "global":
            torch.nn.utils.clip_grad_norm_(parameters, NORMS[clip])
        optimiser.step()
        path.append(numpy.concatenate([p.detach().numpy().copy() for p in parameters]))
    return numpy.array(path)


def save(path, tensors):
    header, data = {}, b""
    for name in sorted(tensors):
        array = numpy.ascontiguousarray(tensors[name], dtype="<f8")
        header[name] = {
            "dtype": "F64",
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


adam = lambda p: torch.optim.Adam(p, lr=RATE)
rmsprop = lambda p: torch.optim.RMSprop(p, lr=RATE, alpha=0.99)
save(
    os.path.join(os.path.dirname(__file__), "optimisers.safetensors"),
    {
        "begin": begin,
        "gradients": gradients,
        "adam/none": tensorflow_adam("none"),
        "adam/per-variable": tensorflow_adam("per-variable"),
        "adam-torch/none": pytorch(adam, "none"),
        "adam-torch/global": pytorch(adam, "global"),
        "rmsprop/none": pytorch(rmsprop, "none"),
        "rmsprop/global": pytorch(rmsprop, "global"),
    },
)

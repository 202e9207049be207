#!/usr/bin/python3
"""Time training steps of the ResNet-like model in PyTorch: the peer of tests/bench/train_step.c.

    resnet_like_torch.py STEPS

The same model, batch and work: 256 videos in memory, unit length, forward, sigmoid cross entropy
over 3,862 classes, backward, clip, Adam; 2 threads. Prints the milliseconds of each step but the
first two. tests/bench/train_step.sh sets what makes PyTorch fast on the machine.
"""
import sys
import time

import torch
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from video_baseline_torch import ResNetLike, train_flags

WARM_UP = 2


def main():
    torch.set_num_threads(2)
    torch.manual_seed(1)
    flags = train_flags("")
    model = ResNetLike(flags)
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, 1e-3, foreach=True)  # the faster of its two loops
    features = torch.rand(256, 1152) - 0.5
    classes = torch.randint(flags.classes, (256, 3))
    for step in range(WARM_UP + int(sys.argv[1])):
        begun = time.perf_counter()
        y = torch.zeros(256, flags.classes).scatter_(1, classes, 1)
        logits, _ = model(functional.normalize(features))
        loss = functional.binary_cross_entropy_with_logits(logits, y, reduction="sum") / 256
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        clip_grad_norm_(parameters, 10)
        optimizer.step()
        if step >= WARM_UP:
            print("%.1f" % (1e3 * (time.perf_counter() - begun)), flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""ResNetLike in PyTorch: the peer of tests/bench/model.c; help/torch_bench.py says how it is used."""
from help.torch_bench import Classifier, main
from video_baseline_torch import ResNetLike


class Peer(Classifier):
    reads_frames = False

    def __init__(self, told):
        super().__init__()
        self.model = ResNetLike(told)

    def forward(self, x):
        return self.model(x)[0]


def add_options(add):
    add("--inner", type=int, default=2048)
    add("--tower-blocks", type=int, default=1)
    add("--joint-blocks", type=int, default=1)
    add("--dropout", type=float, default=0.5)


if __name__ == "__main__":
    main(Peer, add_options)

"""What the PyTorch peers of tests/bench/model.c share: options, the batch, losses, and the clock.

    NAME_torch.py train|infer BATCH FRAMES STEPS [--OPTION=VALUE ...]

    train  steps: dequantise, unit length, forward, loss, backward, each gradient clipped to
           length 1, Adam
    infer  batches: dequantise, unit length, forward, scores

on frames that are in memory, or on means of videos where the model reads those. All videos have the
same number of frames, so nothing is padded. Options are those of the model and network in Podium, by
the same names and with the same defaults, and

    --threads N         0: as PyTorch has it
    --form NAME         of the model, where it has several
    --device cuda       see torch_cuda.py: --precision float32|tf32|bf16, --compile

Prints "step MS" for each step but the first few, "parameters N", and "peak MIB": the most memory
that the process has held. tests/bench/help/turns.sh sets what makes PyTorch fast on the machine.
"""
import argparse
import time

import torch
from torch import nn
from torch.nn import functional

WARM_UP = 2
LABELS = 3
WIDTH = 1152


def norm(width):
    """Batch normalisation as TensorFlow's models have it."""
    return nn.BatchNorm1d(width, eps=1e-3, momentum=0.001)


class Classifier(nn.Module):
    """A model whose forward gives logits; one that has none has loss and scores of its own."""

    reads_frames = True

    def penalised(self):
        """What has an L2 term of scale 1e-5."""
        return ()

    def penalty(self):
        return 0.5e-5 * sum((w * w).sum() for w in self.penalised())

    def loss(self, x, y):
        return cross_entropy(self(x), y) + self.penalty()

    def scores(self, x):
        return torch.sigmoid(self(x))


def cross_entropy(z, y):
    """Summed over classes, the mean over videos."""
    return functional.binary_cross_entropy_with_logits(z.float(), y, reduction="sum") / len(y)


class Mixture(Classifier):
    """Members of one architecture, their logits weighed by a gate, and distilled into each."""

    def __init__(self, members, temperature):
        super().__init__()
        self.reads_frames = members[0].reads_frames
        self.temperature = temperature
        self.members = nn.ModuleList(members)
        self.norm = norm(WIDTH)
        self.gate = nn.Linear(WIDTH, len(members))

    def penalised(self):
        return [w for member in self.members for w in member.penalised()]

    def logits(self, x):
        """Of the mixture, and of each member."""
        mean = x.mean(1) if self.reads_frames else x
        alpha = torch.softmax(self.gate(self.norm(mean)), 1)
        z = [member(x) for member in self.members]
        return sum(alpha[:, m, None] * z[m] for m in range(len(z))), z

    def forward(self, x):
        return self.logits(x)[0]

    def divergence(self, mixture, member):
        p = torch.softmax(mixture.float() / self.temperature, 1)
        q = torch.softmax(member.float() / self.temperature, 1)
        return (p * ((p + 1e-8).log() - (q + 1e-8).log())).sum() / len(p)

    def loss(self, x, y):
        mixture, members = self.logits(x)
        loss = cross_entropy(mixture, y) + self.penalty()
        for z in members:
            loss = loss + cross_entropy(z, y)
            loss = loss + self.temperature**2 * self.divergence(mixture, z)
        return loss


def random_batch(model, told):
    """Bytes of frames or numbers like a video's means, and the classes of each video."""
    classes = torch.randint(told.classes, (told.batch, LABELS))
    if not model.reads_frames:
        return torch.rand(told.batch, WIDTH) - 0.5, classes
    return torch.randint(256, (told.batch, told.frames, WIDTH), dtype=torch.uint8), classes


def inputs(features):
    """What a model is fed."""
    if features.dtype == torch.uint8:
        features = features.float().mul_(4 / 255).add_(4 / 512 - 2)
    return functional.normalize(features, dim=-1)


def targets(labels, classes):
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, labels, 1)


def trainer(model, told):
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, 2e-4, foreach=True)  # the faster of its two loops
    features, labels = random_batch(model, told)

    def step():
        loss = model.loss(inputs(features), targets(labels, told.classes))
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        for w in parameters:
            nn.utils.clip_grad_norm_([w], 1)
        optimizer.step()

    return step


def scorer(model, told):
    features, _ = random_batch(model.eval(), told)

    @torch.no_grad()
    def step():
        return model.scores(inputs(features))

    return step


def run(step, warm_up, steps):
    for number in range(warm_up + steps):
        begun = time.perf_counter()
        step()
        if number >= warm_up:
            print("step %.3f" % (1e3 * (time.perf_counter() - begun)), flush=True)


def peak_mib():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) >> 10


def parse(add_options):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add = parser.add_argument
    add("mode", choices=("train", "infer"))
    for name in ("batch", "frames", "steps"):
        add(name, type=int)
    add("--classes", type=int, default=3862)
    add("--mixture", type=int, default=1)
    add("--temperature", type=float, default=3)
    add("--threads", type=int, default=0)
    add("--device", choices=("cpu", "cuda"), default="cpu")
    add("--precision", choices=("float32", "tf32", "bf16"), default="float32")
    add("--compile", action="store_true")
    add_options(add)
    return parser.parse_args()


def main(make, add_options):
    """make(told) gives a model; add_options(add) adds what it is told."""
    told = parse(add_options)
    if told.threads:
        torch.set_num_threads(told.threads)
    torch.manual_seed(1)
    model = make(told)
    if told.mixture > 1:
        model = Mixture([model] + [make(told) for _ in range(1, told.mixture)], told.temperature)
    if told.device == "cuda":
        from help import torch_cuda
        torch_cuda.bench(model, told)
    else:
        run((trainer if told.mode == "train" else scorer)(model, told), WARM_UP, told.steps)
    print("parameters %d\npeak %d" % (sum(w.numel() for w in model.parameters() if w.requires_grad), peak_mib()))

#!/usr/bin/python3
"""Time training steps of NeXtVLAD in PyTorch: the peer of tests/bench/nextvlad_step.c.

    nextvlad_torch.py small|large BATCH FRAMES STEPS [float32|tf32|bf16 eager|compile]

With a precision, on the GPU: frames in pinned memory, sent while the step before is computed; Adam fused;
the loss read one step late, as ours is. "compile": torch.compile of the model and its loss.

The same model, batch and work: bytes of frames in memory, dequantised, unit length, forward, sigmoid
cross entropy, L2 on the classifier, backward, each gradient clipped to length 1, Adam; 2 threads. All
videos have the same number of frames, so nothing is padded. Prints the milliseconds of each step but the
first two. tests/bench/nextvlad_step.sh sets what makes PyTorch fast on the machine.
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional

WARM_UP = 2
SIZES = {"small": (16, 4, 1, 256, 60), "large": (128, 8, 2, 2048, 3862)}


def norm(width):
    return nn.BatchNorm1d(width, eps=1e-3, momentum=0.001)


class Stream(nn.Module):
    def __init__(self, width, k, groups, expansion):
        super().__init__()
        d = expansion * width
        self.k, self.groups, self.f = k, groups, d // groups
        self.expand = nn.Linear(width, d)
        self.attention = nn.Linear(d, groups)
        self.clusters = nn.Linear(d, groups * k, bias=False)
        self.assignment = norm(groups * k)
        self.centres = nn.Parameter(torch.randn(self.f, k) / self.f**0.5)
        self.descriptor = norm(self.f * k)

    def forward(self, x):
        batch, frames, _ = x.shape
        x = self.expand(x.reshape(batch * frames, -1))
        a = torch.sigmoid(self.attention(x))
        w = torch.softmax(self.assignment(self.clusters(x)).view(-1, self.groups, self.k), 2)
        w = (w * a.unsqueeze(2)).view(batch, frames * self.groups, self.k)
        x = x.view(batch, frames * self.groups, self.f)
        v = torch.bmm(x.transpose(1, 2), w) - w.sum(1, keepdim=True) * self.centres
        return self.descriptor(functional.normalize(v, dim=1).reshape(batch, -1))


class NeXtVLAD(nn.Module):
    def __init__(self, k, groups, expansion, hidden, classes):
        super().__init__()
        self.rgb = Stream(1024, k, groups, expansion)
        self.audio = Stream(128, k // 2, groups // 2, expansion)
        self.hidden = nn.Linear((self.rgb.f * k) + self.audio.f * (k // 2), hidden, bias=False)
        self.norm = norm(hidden)
        self.squeeze = nn.Linear(hidden, hidden // 8, bias=False)
        self.gate = norm(hidden // 8)
        self.excite = nn.Linear(hidden // 8, hidden, bias=False)
        self.logistic = nn.Linear(hidden, classes)

    def forward(self, x):
        h = torch.cat([self.rgb(x[:, :, :1024]), self.audio(x[:, :, 1024:])], 1)
        h = self.norm(self.hidden(functional.dropout(h, 0.5)))
        h = h * torch.sigmoid(self.excite(torch.relu(self.gate(self.squeeze(h)))))
        return self.logistic(h)


def main_cuda(precision, compiled):
    batch, frames, steps = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = precision != "float32"
    torch.backends.cudnn.allow_tf32 = precision != "float32"
    model = NeXtVLAD(*SIZES[sys.argv[1]]).cuda()
    parameters = list(model.parameters())
    classes = model.logistic.out_features
    optimizer = torch.optim.Adam(parameters, 2e-4, fused=True)
    features = torch.randint(256, (batch, frames, 1152), dtype=torch.uint8).pin_memory()
    labels = torch.randint(classes, (batch, 3)).pin_memory()

    def loss_of(q, labels):
        y = torch.zeros(batch, classes, device="cuda").scatter_(1, labels, 1)
        x = functional.normalize(q.float().mul_(4 / 255).add_(4 / 512 - 2), dim=2)
        with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16"):
            z = model(x)
        loss = functional.binary_cross_entropy_with_logits(z.float(), y, reduction="sum") / batch
        return loss + 0.5e-5 * sum((w * w).sum() for w in model.logistic.parameters())

    loss_of = torch.compile(loss_of) if compiled else loss_of
    copies = torch.cuda.Stream()

    def send():
        with torch.cuda.stream(copies):
            return features.cuda(non_blocking=True), labels.cuda(non_blocking=True)

    ready, before = send(), None
    for step in range(20 + steps):
        begun = time.perf_counter()
        torch.cuda.current_stream().wait_stream(copies)
        q, own = ready
        q.record_stream(torch.cuda.current_stream())
        own.record_stream(torch.cuda.current_stream())
        ready = send()
        loss = loss_of(q, own)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norms = torch._foreach_norm([w.grad for w in parameters])
        torch._foreach_mul_(
            [w.grad for w in parameters],
            [(1 / (n + 1e-6)).clamp(max=1.0) for n in norms],
        )
        optimizer.step()
        if before is not None:
            before.item()
        before = loss.detach()
        if step >= 20:
            print("%.3f" % (1e3 * (time.perf_counter() - begun)), flush=True)


def main():
    batch, frames = int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(2)
    torch.manual_seed(1)
    model = NeXtVLAD(*SIZES[sys.argv[1]])
    parameters = list(model.parameters())
    classes = model.logistic.out_features
    optimizer = torch.optim.Adam(parameters, 2e-4, foreach=True)  # the faster of its two loops
    features = torch.randint(256, (batch, frames, 1152), dtype=torch.uint8)
    labels = torch.randint(classes, (batch, 3))
    for step in range(WARM_UP + int(sys.argv[4])):
        begun = time.perf_counter()
        y = torch.zeros(batch, classes).scatter_(1, labels, 1)
        x = functional.normalize(features.float().mul_(4 / 255).add_(4 / 512 - 2), dim=2)
        loss = functional.binary_cross_entropy_with_logits(model(x), y, reduction="sum") / batch
        loss = loss + 0.5e-5 * sum((w * w).sum() for w in model.logistic.parameters())
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        for w in parameters:
            nn.utils.clip_grad_norm_([w], 1)
        optimizer.step()
        if step >= WARM_UP:
            print("%.1f" % (1e3 * (time.perf_counter() - begun)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 5:
        main_cuda(sys.argv[5], sys.argv[6:] == ["compile"])
    else:
        main()

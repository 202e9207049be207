"""Training steps and inference of a PyTorch peer on the GPU.

Frames are in pinned memory. In training they are sent while the step before is computed, Adam is
fused, and the loss is read one step late, as in Podium; a batch of inference is begun before the scores
of the one before are waited for, which come into pinned memory.
"""
import torch

from help.torch_bench import inputs, random_batch, run, targets

WARM_UP = 20


def trainer(model, told):
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, 2e-4, fused=True)
    features, labels = (data.pin_memory() for data in random_batch(model, told))
    copies = torch.cuda.Stream()
    before = None

    def loss_of(features, labels):
        x, y = inputs(features), targets(labels, told.classes)
        with torch.autocast("cuda", torch.bfloat16, enabled=told.precision == "bf16"):
            return model.loss(x, y)

    def send():
        with torch.cuda.stream(copies):
            return features.cuda(non_blocking=True), labels.cuda(non_blocking=True)

    loss_of = torch.compile(loss_of) if told.compile else loss_of
    ready = send()

    def step():
        nonlocal ready, before
        torch.cuda.current_stream().wait_stream(copies)
        sent = ready
        for data in sent:
            data.record_stream(torch.cuda.current_stream())
        ready = send()
        loss = loss_of(*sent)
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

    return step


def scorer(model, told):
    features = random_batch(model.eval(), told)[0].pin_memory()

    def scores_of(features):
        x = inputs(features)
        with torch.autocast("cuda", torch.bfloat16, enabled=told.precision == "bf16"):
            return model.scores(x)

    scores_of = torch.compile(scores_of) if told.compile else scores_of
    host = [torch.empty(told.batch, told.classes).pin_memory() for _ in range(2)]
    there = [torch.cuda.Event(), torch.cuda.Event()]
    turn = 0

    @torch.no_grad()
    def step():
        nonlocal turn
        turn = 1 - turn
        host[turn].copy_(scores_of(features.cuda(non_blocking=True)), non_blocking=True)
        there[turn].record()
        there[1 - turn].synchronize()
        return host[1 - turn]

    return step


def bench(model, told):
    torch.backends.cuda.matmul.allow_tf32 = told.precision != "float32"
    torch.backends.cudnn.allow_tf32 = told.precision != "float32"
    step = (trainer if told.mode == "train" else scorer)(model.cuda(), told)
    run(step, WARM_UP, told.steps)

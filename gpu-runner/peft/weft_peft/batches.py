"""Which rows each step takes, and a batch as the model reads it."""

import math

import torch

# Batches within which rows are sorted by length, so that little is padded and the order stays random.
MEGABATCH = 32


class Plan:
    """Steps of a run, as Weft's own trainer counts them."""

    def __init__(self, rows, h: dict, seed: int):
        self.rows, self.seed = rows, seed
        self.batch_size = min(h["batch_size"], len(rows))
        self.accumulation = h["gradient_accumulation"]
        micro = math.ceil(len(rows) / self.batch_size)
        self.steps_per_epoch = math.ceil(micro / self.accumulation)
        self.total = h.get("max_steps") or h["n_epochs"] * self.steps_per_epoch
        self.epoch, self.order = None, []

    def step(self, at: int):
        """The micro-batches of a step, from 0."""
        epoch = at // self.steps_per_epoch
        if self.epoch != epoch:
            self.epoch, self.order = epoch, self.shuffled(epoch)
        start = at % self.steps_per_epoch * self.accumulation
        return self.order[start : start + self.accumulation]

    def shuffled(self, epoch: int):
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = [self.rows[i] for i in torch.randperm(len(self.rows), generator=random).tolist()]
        size, batches = self.batch_size, []
        for at in range(0, len(order), MEGABATCH * size):
            mega = sorted(order[at : at + MEGABATCH * size], key=lambda row: -row.length)
            batches += [mega[i : i + size] for i in range(0, len(mega), size)]
        return [batches[i] for i in torch.randperm(len(batches), generator=random).tolist()]


def evaluation_batches(rows, size: int):
    """Held-out rows in batches of like length; no chance in it."""
    order = sorted(rows, key=lambda row: row.length)
    return [order[at : at + size] for at in range(0, len(order), size)]


def learning_rate(h: dict, total: int, step: int) -> float:
    """Of a step, from 0: a line up from above zero, then constant, a line to zero or half a cosine to zero."""
    peak, warmup = h["learning_rate"], round(h["warmup_ratio"] * total)
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    if h["schedule"] == "constant":
        return peak
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    return peak * (1 - progress) if h["schedule"] == "linear" else peak * 0.5 * (1 + math.cos(math.pi * progress))


def padded(lists, fill, device) -> torch.Tensor:
    width = max(len(each) for each in lists)
    return torch.tensor([[*each, *[fill] * (width - len(each))] for each in lists], device=device)

"""What training came to, measured as Weft's own trainer measures it; the edge makes its verdict of this."""

import dataclasses
import math

import torch
import torch.nn.functional as F

# Batches that the loss on training rows, and how loud the adapter is, are measured over.
SOME = 8
# Batches below which rows are compared one by one: what two or three of them differ by tells nothing of chance.
FEW_BATCHES = 8


def mean_loss(losses, batches, processes) -> float:
    """Of held-out batches, each process taking its share of every batch."""
    sums = torch.zeros(2, dtype=torch.float64)
    with torch.no_grad():
        for batch in batches:
            own = batch[processes.rank :: processes.count]
            if own:
                sums += torch.tensor([losses.sum(own).item(), sum(row.total for row in own)], dtype=torch.float64)
    sums = sums.to(processes.device, torch.float32) if processes.count > 1 else sums
    processes.summed([sums])
    return (sums[0] / sums[1]).item()


@torch.no_grad()
def measured(model, losses, work, training, batches, plan) -> dict:
    """By the first process alone."""
    some = [batch for step in range(min(plan.steps_per_epoch, SOME)) for batch in plan.step(step)][:SOME]
    told = {"training_loss": total(losses, some) / weight(some)}
    if batches:
        told |= finite({"held_out_loss": total(losses, batches) / weight(batches)})
    if work["task"] == "SEQ_CLS":
        told["classes"] = classes(losses, batches, training, len(work["labels"]))
        return told
    both = [batch for batch in compared([without_first(batch, work["task"]) for batch in batches]) if weight([batch]) > 0]
    if both:
        own = [losses.sum(batch).item() for batch in both]
        base = bare(model, lambda: [losses.sum(batch).item() for batch in both])
        if all(map(math.isfinite, [*own, *base])):
            told["held_out"] = {"weights": [weight([batch]) for batch in both], "adapter": own, "base": base}
    return told | finite({"level": level(model, losses, [without_first(batch, work["task"]) for batch in (batches or some)[:SOME]])})


def compared(batches):
    """What the gain is a mean over: batches, or each row alone where those are few."""
    return batches if len(batches) >= FEW_BATCHES else [[row] for batch in batches for row in batch]


def finite(told: dict) -> dict:
    """Without what is no number, which JSON has no word for."""
    return {name: value for name, value in told.items() if math.isfinite(value)}


def total(losses, batches) -> float:
    return sum(losses.sum(batch).item() for batch in batches)


def weight(batches) -> float:
    return float(sum(row.total for batch in batches for row in batch))


def bare(model, ask):
    with model.disable_adapter():
        return ask()


def without_first(batch, task: str):
    """Rows in front predict a text's first token, and the bare base has none."""
    return batch if task == "SEQ_2_SEQ_LM" else [dataclasses.replace(row, weights=[0.0, *row.weights[1:]]) for row in batch]


def level(model, losses, batches) -> float:
    """The mean of KL(with the adapter ‖ base) over the tokens that are learned; no number where there is none."""
    nats, count = 0.0, 0
    for batch in batches:
        if weight([batch]) == 0:
            continue
        own = F.log_softmax(losses.predicted(batch)[0], dim=-1)
        base = F.log_softmax(bare(model, lambda: losses.predicted(batch)[0]), dim=-1)
        nats += (own.exp() * (own - base)).sum(-1).clamp_min(0).sum().item()
        count += own.shape[0]
    return nats / count if count else math.nan


def classes(losses, batches, training, count: int) -> dict:
    counts = [0] * count
    for row in training:
        counts[row.label] += 1
    truth, predicted = [], []
    for batch in batches:
        logits, rows = losses.classes(batch)
        truth += [row.label for row in rows]
        predicted += logits.argmax(-1).tolist()
    return {"training": counts, "truth": truth, "predicted": predicted}


@torch.no_grad()
def check(base, tokenizer, text: str, device) -> list[float]:
    """What the bare base says of each of a text's tokens after the first, so that the edge sees whether it is the model that its runner has."""
    ids = torch.tensor([tokenizer.encode(text)], device=device)
    logprobs = F.log_softmax(base(input_ids=ids).logits[0, :-1].float(), dim=-1)
    return logprobs.gather(-1, ids[0, 1:, None])[:, 0].tolist()

"""Losses of rows: sums of weighted cross-entropies, in nats."""

import torch
import torch.nn.functional as F

from .batches import padded


class Losses:
    def __init__(self, model, task: str, device: torch.device, pad: int):
        self.model, self.task, self.device, self.pad = model, task, device, pad

    def sum(self, rows) -> torch.Tensor:
        """Weighted losses of these rows, added up."""
        if self.task == "SEQ_CLS":
            logits, rows = self.classes(rows)
            targets = torch.tensor([row.label for row in rows], device=self.device)
            weights = torch.tensor([row.weight for row in rows], device=self.device)
            return (F.cross_entropy(logits, targets, reduction="none") * weights).sum()
        logits, targets, weights = self.predicted(rows)
        return (F.cross_entropy(logits, targets, reduction="none") * weights).sum()

    def predicted(self, rows):
        """Logits `[M,V]` of every token that is learned, the tokens, and their weights."""
        mask = padded([[1] * len(row.tokens) for row in rows], 0, self.device)
        ids = padded([row.tokens for row in rows], self.pad, self.device)
        if self.task == "SEQ_2_SEQ_LM":
            targets = padded([row.targets for row in rows], -100, self.device)
            logits = self.model(input_ids=ids, attention_mask=mask, labels=targets).logits.float()
            weights = padded([row.weights for row in rows], 0.0, self.device)
            learned = weights > 0
            return logits[learned], targets[learned], weights[learned]
        logits = self.model(input_ids=ids, attention_mask=mask).logits.float()
        before = logits.shape[1] - ids.shape[1]  # rows that PEFT put in front
        weights = padded([row.weights for row in rows], 0.0, self.device)
        if before == 0:
            weights = torch.cat([torch.zeros_like(weights[:, :1]), weights[:, 1:]], dim=1)
        learned = weights > 0
        # A token is predicted by the position before it; the first one's, where nothing stands in front, carries no weight.
        shifted = logits[:, before - 1 : -1] if before else torch.cat([logits[:, :1], logits[:, :-1]], dim=1)
        return shifted[learned], ids[learned], weights[learned]

    def classes(self, rows):
        """Logits `[B,C]`, and the rows in their order. Behind rows that PEFT puts in front, Hugging Face's decoders read the last column: rows of one length have no padding there."""
        parts, order = [], []
        for group in groups_of_length(rows) if self.by_length else [rows]:
            ids = padded([row.tokens for row in group], self.pad, self.device)
            mask = padded([[1] * len(row.tokens) for row in group], 0, self.device)
            parts.append(self.model(input_ids=ids, attention_mask=mask).logits.float())
            order += group
        return torch.cat(parts), order

    @property
    def by_length(self) -> bool:
        return not self.model.get_base_model().config.is_encoder_decoder and bool(getattr(self.model, "prompt_encoder", None))


def groups_of_length(rows):
    groups = {}
    for row in rows:
        groups.setdefault(len(row.tokens), []).append(row)
    return groups.values()

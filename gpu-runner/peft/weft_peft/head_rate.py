"""How fast a classifier's head learns beside its adapter: by the rule of a runner's own trainer (docs/contracts/training.md, "A head's rate")."""

import math

# Up to here a head learns as fast as what is trained with it.
LARGEST = 1100

# A Hugging Face decoder's last norm, by what its body calls it.
NAMES = ("norm", "ln_f")


def head_scale(scales: list[float], width: int) -> float:
    """Factor on the learning rate of a head that reads `width` numbers behind a norm which multiplies by `scales`: a step of AdamW moves a logit by up to the rate times their sum."""
    total = math.sqrt(sum(scale * scale for scale in scales) * width)
    return min(1.0, LARGEST / total) if total else 1.0


def of_base(base) -> float:
    """1 for an encoder, and for an encoder with a decoder: their last norms are near 1."""
    body = getattr(base, base.base_model_prefix, base)
    norm = next((getattr(body, name) for name in NAMES if hasattr(body, name)), None)
    if norm is None:
        return 1.0
    # Gemma's norms multiply by 1 + w.
    added = 1.0 if base.config.model_type.startswith("gemma") else 0.0
    return head_scale([scale + added for scale in norm.weight.detach().float().tolist()], norm.weight.shape[0])


def is_head(name: str) -> bool:
    """Whether PEFT calls a parameter so that it trains whole, beside the adapter: a classifier's head alone."""
    return ".modules_to_save." in name

"""How far PEFT is from its own golden case when only rounding changes: attention kernel, thread count, float64.

    python test/golden/against_itself.py CASE_FOLDER BASE_FOLDER

A case whose AdamW trace PEFT does not reproduce this way cannot decide anything about another engine: the first step moves
every element by lr · sign(g), and an element whose gradient is rounding noise goes either way.
"""
import json
import sys
from pathlib import Path

import torch
from peft import PeftConfig, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

CASE, BASE = Path(sys.argv[1]), sys.argv[2]
EXPECTED = load_file(CASE / "case.safetensors")
INITIAL = load_file(CASE / "init.safetensors")
OPTIMIZER = json.loads((CASE / "case.json").read_text())["optimizer"]
INPUTS = {name: EXPECTED[name] for name in ("input_ids", "attention_mask", "labels")}


def differences(dtype: torch.dtype, attention: str, threads: int) -> tuple[float, float]:
    """Largest difference of the AdamW losses, and the share of gradient elements whose sign differs."""
    torch.set_num_threads(threads)
    config = PeftConfig.from_pretrained(str(CASE))
    config.inference_mode = False
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(BASE, dtype=dtype, attn_implementation=attention), config).eval()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for name, p in trained.items():
            p.copy_(INITIAL[name])
    optimizer = torch.optim.AdamW(trained.values(), lr=OPTIMIZER["lr"], weight_decay=OPTIMIZER["weight_decay"],
                                  betas=tuple(OPTIMIZER["betas"]), eps=OPTIMIZER["eps"])
    losses, flipped = [], 0.0
    for step in range(OPTIMIZER["steps"]):
        optimizer.zero_grad()
        loss = model(**INPUTS).loss
        losses.append(loss.item())
        loss.backward()
        if step == 0:
            signs = [(p.grad.sign() != EXPECTED[f"grad.{name}"].sign()).float().mean().item() for name, p in trained.items()]
            flipped = sum(signs) / len(signs)
        optimizer.step()
    return (torch.tensor(losses) - EXPECTED["adamw_loss"]).abs().max().item(), flipped


if __name__ == "__main__":
    print(f"{'computed with':<28}{'max |Δ AdamW loss|':>20}{'signs that differ':>20}")
    for dtype, attention, threads in [(torch.float32, "sdpa", 2), (torch.float32, "sdpa", 1), (torch.float32, "eager", 2), (torch.float64, "eager", 2)]:
        trace, flipped = differences(dtype, attention, threads)
        print(f"{str(dtype)[6:] + ', ' + attention + ', ' + str(threads) + ' threads':<28}{trace:>20.2g}{flipped:>20.1e}")

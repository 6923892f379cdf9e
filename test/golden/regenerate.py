"""Computes the golden cases under peft/ with Hugging Face PEFT itself.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors
    python test/golden/regenerate.py [DIR] [--only REGEXP]

README.md says what the files hold. Without --only, DIR (peft/ beside this script) is emptied first.
"""
import argparse
import json
import re
import shutil
from pathlib import Path

import torch
from bases import BASES, LABELS, load_base, make_base
from methods import ADAPTER_NAMES, BASE_OF, COVERED, INVOCATION, config_of
from peft import get_peft_model
from safetensors.torch import save_file
from transformers.generation import GenerationMixin

# PEFT 0.21.0 asks for this method by the name that it had in other versions of transformers.
if hasattr(GenerationMixin, "_prepare_text_encoder_decoder_kwargs_for_generation"):
    GenerationMixin._prepare_encoder_decoder_kwargs_for_generation = GenerationMixin._prepare_text_encoder_decoder_kwargs_for_generation

SEED = 11
OPTIMIZER = {"name": "AdamW", "lr": 0.01, "weight_decay": 0.01, "betas": [0.9, 0.999], "eps": 1e-8, "steps": 8}
NOTE = "logits, loss and grad.* belong to the values before training; adamw_loss[i] is the loss before step i; final.* after the last step"


def batch(arch: str, task: str, method: str, config) -> dict:
    """Row 1 is padded: on the left where the last position decides about a row, on the right elsewhere."""
    torch.manual_seed(SEED + 1)
    ids = torch.randint(3, config.vocab_size, (2, 7))
    mask = torch.ones_like(ids)
    if task == "seq_cls" and arch not in ("bert", "roberta", "xlm-roberta", "camembert", "distilbert", "electra", "mpnet"):
        mask[1, :2] = 0
    else:
        mask[1, 5:] = 0
    if method.startswith("lora-alora"):  # twice in one row, where the last counts; once in the other, or not at all
        for row, at in [(0, 1), (0, 4)] + ([] if method.endswith("absent") else [(1, 2)]):
            ids[row, at:at + len(INVOCATION)] = torch.tensor(INVOCATION)
    ids[mask == 0] = config.pad_token_id
    if task == "causal_lm":
        labels = ids.masked_fill(mask == 0, -100)
    elif task == "seq_cls":
        labels = torch.tensor([2, 0])
    elif task == "token_cls":
        labels = torch.randint(0, LABELS, ids.shape).masked_fill(mask == 0, -100)
    else:
        labels = torch.randint(3, config.vocab_size, (2, 5))
        labels[0, 4:] = -100
    tasks = {"task_ids": torch.tensor([2, 0])} if method == "multitask-prompt-tuning" else {}
    return {"input_ids": ids, "attention_mask": mask, "labels": labels, **tasks}


def copy(tensors: dict) -> dict:
    return {name: t.detach().clone().contiguous() for name, t in tensors.items()}


def trainable(model) -> dict:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def away_from_zero(model) -> None:
    """Values that begin at zero, or nearly, would hide most of what is to be compared."""
    with torch.no_grad():
        for name, p in trainable(model).items():
            if name.endswith("adaption_gate"):
                p.normal_(0, 0.5)
            elif "prefix_task_" in name:
                p.mul_(30)


def save_adapter(model, folder: Path) -> None:
    model.save_pretrained(folder)
    for file in folder.rglob("README.md"):
        file.unlink()
    for file in folder.rglob("adapter_config.json"):  # PEFT keeps these as sets, whose order differs from run to run
        config = json.loads(file.read_text())
        for key in ("target_modules", "feedforward_modules"):
            if isinstance(config.get(key), list):
                config[key].sort()
        text = json.dumps(config, indent=2, sort_keys=True)
        if text != file.read_text():
            file.write_text(text)


def greedy(model, inputs: dict) -> dict:
    one = {name: t[:1].contiguous() for name, t in inputs.items() if name in ("input_ids", "task_ids")}
    with torch.no_grad():
        generated = model.generate(
            **one, attention_mask=torch.ones_like(one["input_ids"]), do_sample=False, max_new_tokens=12, min_new_tokens=12)
    return one | {"generated": generated.contiguous()}


def adamw(model, inputs: dict) -> list[float]:
    optimizer = torch.optim.AdamW(trainable(model).values(), lr=OPTIMIZER["lr"], weight_decay=OPTIMIZER["weight_decay"],
                                  betas=tuple(OPTIMIZER["betas"]), eps=OPTIMIZER["eps"])
    losses = []
    for _ in range(OPTIMIZER["steps"]):
        optimizer.zero_grad()
        loss = model(**inputs).loss
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses


def make_case(root: Path, arch: str, task: str, method: str) -> None:
    name = f"{arch}/{method}.{task}"
    folder = root / name
    base = root / arch / BASE_OF.get(name, f"base-{task}")
    adapter = ADAPTER_NAMES.get(name, "default")
    model = load_base(base)
    inputs = batch(arch, task, method, model.config)
    torch.manual_seed(SEED + 2)
    model = get_peft_model(model, config_of(name, method, task), adapter_name=adapter)
    away_from_zero(model)
    model.eval()  # there is no dropout; this only keeps transformers from warning
    save_adapter(model, folder)
    save_file(copy(trainable(model)), folder / "init.safetensors")
    if task in ("causal_lm", "seq_2_seq_lm"):
        save_file(greedy(model, inputs), folder / "greedy.safetensors")

    out = model(**inputs)
    out.loss.backward()
    stored = {**inputs, "logits": out.logits, "loss": out.loss}
    stored |= {f"grad.{name}": torch.zeros_like(p) if p.grad is None else p.grad for name, p in trainable(model).items()}
    stored = copy(stored)
    stored["adamw_loss"] = torch.tensor(adamw(model, inputs))
    stored |= copy({f"final.{name}": p for name, p in trainable(model).items()})
    save_file(stored, folder / "case.safetensors")
    (folder / "case.json").write_text(json.dumps({
        "arch": arch.removesuffix("-v1_1"), "task": task.upper(), "method": method, "seed": SEED, "base": base.name,
        **({} if adapter == "default" else {"adapter": adapter}), "optimizer": OPTIMIZER, "note": NOTE,
    }, indent=1) + "\n")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("dir", nargs="?", type=Path, default=Path(__file__).parent / "peft")
    arguments.add_argument("--only", type=re.compile, help="makes the cases and bases whose name matches, and leaves the others")
    options = arguments.parse_args()
    wanted = lambda name: options.only is None or options.only.search(name)
    if options.only is None:
        shutil.rmtree(options.dir, ignore_errors=True)
    for base in filter(wanted, BASES):
        make_base(options.dir / base, SEED)
    for arch, tasks in COVERED.items():
        for task, methods in tasks.items():
            for method in methods.split():
                if wanted(f"{arch}/{method}.{task}"):
                    print(f"{arch}/{method}.{task}", flush=True)
                    make_case(options.dir, arch, task, method)
    for file in options.dir.rglob("*"):
        if file.is_file():
            file.chmod(0o644)


if __name__ == "__main__":
    main()

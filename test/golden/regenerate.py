"""Computes the golden cases under peft/ with Hugging Face PEFT itself.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors
    python test/golden/regenerate.py

Per architecture a tiny random fp32 model (grouped-query attention) and, per method, what PEFT computes for it on the CPU:

    <arch>/
        base-causal_lm/                 config.json, model.safetensors
        <method>.causal_lm/
            adapter_config.json, adapter_model.safetensors   what PEFT saves, before training
            init.safetensors            every trainable parameter before training, under PEFT's names
            case.safetensors            input_ids, attention_mask, labels, logits, loss, grad.<parameter>;
                                        adamw_loss (before each of 8 AdamW steps), final.<parameter>
            greedy.safetensors          one unpadded row, and it with the 12 tokens that greedy decoding appends
            case.json                   arch, task, method, base, optimizer

Row 1 of the batch is padded on the right. Dropout is 0. The architectures beside llama have one method each, chosen so that
every site and every encoder meets one.
"""
import json
import shutil
from pathlib import Path

import torch
from peft import PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

ROOT = Path(__file__).parent / "peft"
SEED = 11
VIRTUAL_TOKENS = 5
OPTIMIZER = {"name": "AdamW", "lr": 0.01, "weight_decay": 0.01, "betas": [0.9, 0.999], "eps": 1e-8, "steps": 8}
COMMON = {"vocab_size": 99, "max_position_embeddings": 128, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
SMALL = COMMON | {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1}
PROMPT = {"task_type": "CAUSAL_LM", "num_virtual_tokens": VIRTUAL_TOKENS}
BASES = {
    "llama": LlamaConfig(
        **COMMON, hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True),
    "qwen2": Qwen2Config(**SMALL, tie_word_embeddings=True),
    "qwen3": Qwen3Config(**SMALL, head_dim=16, tie_word_embeddings=True),
    "mistral": MistralConfig(**SMALL, sliding_window=64),
}
METHODS = {
    "llama": {
        "prompt-tuning": PromptTuningConfig(**PROMPT),
        "prefix-tuning": PrefixTuningConfig(**PROMPT),
        "prefix-tuning-projection": PrefixTuningConfig(**PROMPT, prefix_projection=True, encoder_hidden_size=32),
    },
    "qwen2": {"p-tuning-lstm": PromptEncoderConfig(
        **PROMPT, encoder_reparameterization_type="LSTM", encoder_hidden_size=4, encoder_num_layers=2, encoder_dropout=0.0)},
    "qwen3": {"p-tuning-mlp": PromptEncoderConfig(**PROMPT, encoder_reparameterization_type="MLP", encoder_hidden_size=8)},
    "mistral": {"prefix-tuning": PrefixTuningConfig(**PROMPT)},
}


def base_model(arch: str, folder: Path) -> None:
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_config(BASES[arch], dtype=torch.float32)
    with torch.no_grad():  # larger than the usual initialization, so that logits tell positions and tokens apart
        for name, weight in model.named_parameters():
            if weight.dim() == 2:
                weight.normal_(0, 0.2)
            else:
                weight.add_(torch.randn_like(weight) * 0.1)
    model.save_pretrained(folder)


def batch() -> dict:
    torch.manual_seed(SEED + 1)
    ids = torch.randint(3, 99, (2, 7))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    ids[mask == 0] = 0
    return {"input_ids": ids, "attention_mask": mask, "labels": ids.masked_fill(mask == 0, -100)}


def trainable(model) -> dict:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def case(arch: str, method: str, config, base: Path) -> None:
    folder = base.parent / f"{method}.causal_lm"
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model.name_or_path = model.config._name_or_path = ""  # or the path of this machine would be stored
    torch.manual_seed(SEED + 2)
    model = get_peft_model(model, config)
    model.eval()  # there is no dropout; this only keeps transformers from warning
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    copy = lambda tensors: {name: t.detach().clone().contiguous() for name, t in tensors.items()}
    save_file(copy(trainable(model)), folder / "init.safetensors")

    inputs = batch()
    greedy_ids = inputs["input_ids"][:1]
    with torch.no_grad():
        generated = model.generate(input_ids=greedy_ids, attention_mask=torch.ones_like(greedy_ids), do_sample=False, max_new_tokens=12, min_new_tokens=12)
    save_file({"input_ids": greedy_ids.contiguous(), "generated": generated.contiguous()}, folder / "greedy.safetensors")

    out = model(**inputs)
    out.loss.backward()
    stored = {**inputs, "logits": out.logits, "loss": out.loss}
    stored |= {f"grad.{name}": p.grad for name, p in trainable(model).items()}
    stored = copy(stored)
    optimizer = torch.optim.AdamW(trainable(model).values(), lr=OPTIMIZER["lr"], weight_decay=OPTIMIZER["weight_decay"],
                                  betas=tuple(OPTIMIZER["betas"]), eps=OPTIMIZER["eps"])
    losses = []
    for _ in range(OPTIMIZER["steps"]):
        optimizer.zero_grad()
        loss = model(**inputs).loss
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    stored["adamw_loss"] = torch.tensor(losses)
    stored |= copy({f"final.{name}": p for name, p in trainable(model).items()})
    save_file(stored, folder / "case.safetensors")
    (folder / "case.json").write_text(json.dumps({
        "arch": arch, "task": "CAUSAL_LM", "method": method, "seed": SEED, "base": base.name, "optimizer": OPTIMIZER,
        "note": "logits, loss and grad.* belong to the values before training; adamw_loss[i] is the loss before step i; final.* after the last step",
    }, indent=1) + "\n")


if __name__ == "__main__":
    shutil.rmtree(ROOT, ignore_errors=True)
    for arch, methods in METHODS.items():
        base = ROOT / arch / "base-causal_lm"
        base_model(arch, base)
        for name, method_config in methods.items():
            case(arch, name, method_config, base)
    for file in ROOT.rglob("*"):
        if file.is_file():
            file.chmod(0o644)

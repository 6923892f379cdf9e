"""The frozen base model, and PEFT's adapter on it."""

import torch
from peft import get_peft_config, get_peft_model
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
)

from .errors import Refused
from .rows import Tokenizer

LOADERS = {"CAUSAL_LM": AutoModelForCausalLM, "SEQ_2_SEQ_LM": AutoModelForSeq2SeqLM, "SEQ_CLS": AutoModelForSequenceClassification}


def load_base(work: dict, device: torch.device):
    """The base model in the precision of its checkpoint on a GPU, in float32 otherwise, and its tokenizer."""
    path = work["model"]["path"]
    try:
        config = AutoConfig.from_pretrained(path)
        tokenizer = AutoTokenizer.from_pretrained(path)
        dtype = config.dtype if device.type == "cuda" and config.dtype in (torch.bfloat16,) else torch.float32
        labels = {"num_labels": len(work["labels"])} if work["task"] == "SEQ_CLS" else {}
        base = LOADERS[work["task"]].from_pretrained(path, dtype=dtype, **labels)
    except (OSError, ValueError) as error:
        raise Refused("base_not_loaded", f"The trainer cannot load the base model {path!r}: {error}") from error
    if base.config.pad_token_id is None:
        base.config.pad_token_id = 0
    return base.to(device), Tokenizer(tokenizer, end_of_text(base, tokenizer))


def end_of_text(base, tokenizer) -> int | None:
    """What the model's own files say, before the tokenizer's."""
    for told in (base.config.eos_token_id, getattr(getattr(base, "generation_config", None), "eos_token_id", None), tokenizer.eos_token_id):
        first = told[0] if isinstance(told, list) else told
        if first is not None:
            return first
    return None


def adapt(base, work: dict, seed: int):
    """Puts PEFT's adapter on the base. Everything of the base stays frozen; a classifier's head is trained."""
    torch.manual_seed(seed)
    told = dict(work["peft_config"])
    if work.get("start") and "prompt_tuning_init" in told:
        told["prompt_tuning_init"] = "RANDOM"  # where it starts is set below
    try:
        return get_peft_model(base, get_peft_config({key: value for key, value in told.items() if value is not None}))
    except (TypeError, ValueError) as error:
        raise Refused("peft_refused", f"PEFT refuses the method's settings: {error}") from error


def set_start(model, work: dict, rows, tokenizer: Tokenizer, seed: int) -> None:
    """Embeddings, or keys and values, of real tokens to start from."""
    start = work.get("start")
    if not start:
        return
    encoder = model.prompt_encoder[model.active_adapter]
    weight = encoder.embedding.weight
    count = work["peft_config"]["num_virtual_tokens"]
    ids = torch.tensor(tokens_to_start_from(start, count, rows, tokenizer, model, seed), device=weight.device)
    base = model.get_base_model()
    with torch.no_grad():
        if work["peft_config"]["peft_type"] == "PREFIX_TUNING":
            weight.copy_(key_values(model, ids).to(weight.dtype))
        else:
            embedded = base.get_input_embeddings()(ids)
            weight.copy_(embedded.repeat(weight.shape[0] // count, 1).to(weight.dtype))


def tokens_to_start_from(start: dict, count: int, rows, tokenizer: Tokenizer, model, seed: int) -> list[int]:
    random = torch.Generator().manual_seed(seed)
    if start["from"] == "vocabulary":
        return torch.randint(0, model.config.get_text_config().vocab_size, (count,), generator=random).tolist()
    if start["from"] == "text":
        ids = tokenizer.encode(start["text"])
    else:
        ids = [token for at in torch.randperm(len(rows), generator=random).tolist() for token in rows[at].tokens[:count]]
    return (ids * (count // max(1, len(ids)) + 1))[:count]


def key_values(model, ids: torch.Tensor) -> torch.Tensor:
    """What the frozen base has as keys and values of these tokens, `[P, L·2·K·D]`."""
    base = model.get_base_model()
    body = getattr(base, "model", None) or getattr(base, base.base_model_prefix)
    decoder = getattr(body, "decoder", None)
    if decoder is not None or not hasattr(base.config, "num_key_value_heads") and base.config.model_type not in ("gpt2",):
        raise Refused("start_not_known", "The trainer knows keys and values to start from of decoders alone. Give prefix_init \"random\".")
    cache = body(input_ids=ids[None], use_cache=True).past_key_values
    layers = [torch.stack([layer.keys[0], layer.values[0]]) for layer in cache.layers]  # L × [2,K,P,D]
    return torch.stack(layers).permute(3, 0, 1, 2, 4).reshape(len(ids), -1)


def trainable(model) -> list[torch.nn.Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]

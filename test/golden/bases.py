"""The tiny base models of the golden cases, by architecture folder and base folder."""
from pathlib import Path

import torch
import transformers
from transformers import (
    BertConfig,
    CamembertConfig,
    DistilBertConfig,
    ElectraConfig,
    Gemma3TextConfig,
    GPT2Config,
    GraniteConfig,
    LlamaConfig,
    MistralConfig,
    MPNetConfig,
    MT5Config,
    Olmo2Config,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
    RobertaConfig,
    SmolLM3Config,
    T5Config,
    XLMRobertaConfig,
)

AUTO = {
    "causal_lm": transformers.AutoModelForCausalLM,
    "seq_cls": transformers.AutoModelForSequenceClassification,
    "token_cls": transformers.AutoModelForTokenClassification,
    "seq_2_seq_lm": transformers.AutoModelForSeq2SeqLM,
}
LABELS = 3
SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
NARROW = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
FIRST = {"vocab_size": 99, "max_position_embeddings": 128} | SPECIAL
SMALL = FIRST | NARROW | {"num_key_value_heads": 1}
TINY = SMALL | {"vocab_size": 64, "num_labels": LABELS}
ENCODER = NARROW | {"vocab_size": 64, "num_labels": LABELS, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
ROBERTA = ENCODER | {"max_position_embeddings": 66, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "type_vocab_size": 1}
DISTILBERT = {"dim": 16, "hidden_dim": 24, "n_layers": 2, "n_heads": 2, "vocab_size": 64, "num_labels": LABELS, "max_position_embeddings": 64,
              "pad_token_id": 0, "dropout": 0.0, "attention_dropout": 0.0, "seq_classif_dropout": 0.0}
GPT2 = {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64, "vocab_size": 64, "num_labels": LABELS,
        "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0} | SPECIAL
T5 = {"vocab_size": 64, "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2, "dropout_rate": 0.0,
      "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1}
T5_V1_1 = T5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}

# Two sliding layers, then a full one; rows, prefix, prompt and answer are longer than the window. Heads of hidden size / heads, for PEFT's prefixes.
GEMMA3 = SMALL | {"num_hidden_layers": 3, "head_dim": 8, "query_pre_attn_scalar": 5, "sliding_window": 6, "tie_word_embeddings": True,
                  "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}

BASES = {
    "llama/base-causal_lm": LlamaConfig(
        **FIRST, hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True),
    "llama/base-seq_cls": LlamaConfig(**TINY),
    "llama/base-token_cls": LlamaConfig(**TINY),
    "qwen2/base-causal_lm": Qwen2Config(**SMALL, tie_word_embeddings=True),
    "qwen2/base-seq_cls": Qwen2Config(**TINY),
    "qwen3/base-causal_lm": Qwen3Config(**SMALL, head_dim=16, tie_word_embeddings=True),
    "qwen3/base-causal_lm-window-6": Qwen3Config(
        **SMALL, head_dim=8, tie_word_embeddings=True, use_sliding_window=True, sliding_window=6, max_window_layers=1),
    # PEFT takes hidden size / heads for the size of a head, so a prefix needs heads of exactly that.
    "qwen3/base-causal_lm-head_dim-8": Qwen3Config(**SMALL, head_dim=8, tie_word_embeddings=True),
    # Rows, prompt and answer are longer than the original context.
    "qwen3/base-causal_lm-yarn": Qwen3Config(**SMALL, head_dim=16, tie_word_embeddings=True, rope_parameters={
        "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 6, "beta_fast": 0.8, "beta_slow": 0.05, "rope_theta": 500.0}),
    "smollm3/base-causal_lm": SmolLM3Config(**SMALL, no_rope_layers=[1, 0]),
    # The layers that do not rotate have the window; rows, prompt and answer are longer.
    "smollm3/base-causal_lm-window-6": SmolLM3Config(**SMALL | {"num_hidden_layers": 4}, no_rope_layer_interval=2, use_sliding_window=True, sliding_window=6),
    "smollm3/base-seq_cls": SmolLM3Config(**TINY, no_rope_layers=[0, 1]),
    "olmo2/base-causal_lm": Olmo2Config(**SMALL),
    "olmo2/base-seq_cls": Olmo2Config(**TINY | {"num_key_value_heads": 2}),
    "granite/base-causal_lm": GraniteConfig(
        **SMALL, tie_word_embeddings=True, embedding_multiplier=3.0, attention_multiplier=0.2, residual_multiplier=0.4, logits_scaling=2.0),
    "mistral/base-causal_lm": MistralConfig(**SMALL, sliding_window=64),
    # Rows, prefix, prompt and answer are longer than the window.
    "mistral/base-causal_lm-window-6": MistralConfig(**SMALL, sliding_window=6),
    "mistral/base-seq_cls": MistralConfig(**TINY, sliding_window=64),
    "phi3/base-causal_lm": Phi3Config(**SMALL, partial_rotary_factor=0.75),
    "phi3/base-causal_lm-window-6": Phi3Config(**SMALL, sliding_window=6),
    # As Phi-4-mini: tied, a part of each head rotated; the original context is longer than rows, prompt and answer.
    "phi3/base-causal_lm-longrope": Phi3Config(
        **SMALL, tie_word_embeddings=True, original_max_position_embeddings=64, rope_parameters={
            "rope_type": "longrope", "rope_theta": 500.0, "partial_rotary_factor": 0.75,
            "short_factor": [1.0, 1.6, 3.5], "long_factor": [1.5, 20.0, 40.0]}),
    "phi3/base-seq_cls": Phi3Config(**TINY),
    "gemma3_text/base-causal_lm": Gemma3TextConfig(**GEMMA3),
    "gemma3_text/base-causal_lm-linear-rope": Gemma3TextConfig(**GEMMA3 | {"head_dim": 16, "rope_parameters": {
        "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 20000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 500.0}}}),
    "gemma3_text/base-seq_cls": Gemma3TextConfig(**GEMMA3 | {"vocab_size": 64, "num_labels": LABELS}),
    "gpt2/base-causal_lm": GPT2Config(**GPT2),
    "gpt2/base-seq_cls": GPT2Config(**GPT2),
    "bert/base-seq_cls": BertConfig(**ENCODER, max_position_embeddings=64, pad_token_id=0),
    "bert/base-token_cls": BertConfig(**ENCODER, max_position_embeddings=64, pad_token_id=0),
    "roberta/base-seq_cls": RobertaConfig(**ENCODER, max_position_embeddings=66, pad_token_id=1, bos_token_id=0, eos_token_id=2),
    "roberta/base-token_cls": RobertaConfig(**ENCODER, max_position_embeddings=66, pad_token_id=1, bos_token_id=0, eos_token_id=2),
    "xlm-roberta/base-seq_cls": XLMRobertaConfig(**ROBERTA),
    "xlm-roberta/base-token_cls": XLMRobertaConfig(**ROBERTA),
    "camembert/base-seq_cls": CamembertConfig(**ROBERTA),
    "camembert/base-token_cls": CamembertConfig(**ROBERTA),
    "distilbert/base-seq_cls": DistilBertConfig(**DISTILBERT),
    "distilbert/base-token_cls": DistilBertConfig(**DISTILBERT),
    "electra/base-seq_cls": ElectraConfig(**ENCODER, embedding_size=16, max_position_embeddings=64, pad_token_id=0),
    # As electra-small: embeddings narrower than the model.
    "electra/base-seq_cls-narrow": ElectraConfig(**ENCODER, embedding_size=8, max_position_embeddings=64, pad_token_id=0),
    "electra/base-token_cls": ElectraConfig(**ENCODER, embedding_size=16, max_position_embeddings=64, pad_token_id=0),
    # Rows and tokens are farther apart than distances have rows of their own.
    "mpnet/base-seq_cls": MPNetConfig(**ENCODER, max_position_embeddings=66),
    "mpnet/base-token_cls": MPNetConfig(**ENCODER, max_position_embeddings=66),
    "t5/base-seq_2_seq_lm": T5Config(**T5),
    "t5/base-seq_2_seq_lm-3-layers": T5Config(**T5 | {"num_layers": 3}),
    "t5/base-seq_2_seq_lm-4-layers": T5Config(**T5 | {"num_layers": 4}),
    # As in the published ones, the heads together are wider than the model; a prefix does not fit those.
    "t5-v1_1/base-seq_2_seq_lm": T5Config(**T5_V1_1 | {"num_heads": 3}),
    "t5-v1_1/base-seq_2_seq_lm-2-heads": T5Config(**T5_V1_1),
    # Its head is the embedding where nothing else is stored.
    "mt5/base-seq_2_seq_lm": MT5Config(**T5),
}


def make_base(folder: Path, seed: int) -> None:
    task = folder.name.split("-")[1]
    torch.manual_seed(seed)
    model = AUTO[task].from_config(BASES[f"{folder.parent.name}/{folder.name}"], dtype=torch.float32)
    with torch.no_grad():  # larger than the usual initialization, so that logits tell positions and tokens apart
        for name, weight in model.named_parameters():
            if weight.dim() == 2:
                weight.normal_(0, 0.2)
            else:
                weight.add_(torch.randn_like(weight) * 0.1)
    model.save_pretrained(folder)


def load_base(folder: Path):
    model = AUTO[folder.name.split("-")[1]].from_pretrained(folder, dtype=torch.float32)
    model.name_or_path = model.config._name_or_path = ""  # or the path of this machine would be stored
    return model

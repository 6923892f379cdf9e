"""Which methods the golden cases cover, and with what settings."""
from peft import AdaptionPromptConfig, IA3Config, LoraConfig, MultitaskPromptTuningConfig, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig

N = {"num_virtual_tokens": 3}
# B is random too, or every gradient of A would be zero.
LORA = {"r": 2, "lora_alpha": 3, "init_lora_weights": False}
# What an aLoRA waits for: two tokens, which the batches of its cases hold.
INVOCATION = [9, 5]
LSTM = {"encoder_reparameterization_type": "LSTM", "encoder_hidden_size": 4, "encoder_num_layers": 2, "encoder_dropout": 0.0}

METHODS = {
    "prompt-tuning": lambda task: PromptTuningConfig(**N, task_type=task),
    "p-tuning-mlp": lambda task: PromptEncoderConfig(**N, task_type=task, encoder_reparameterization_type="MLP", encoder_hidden_size=8),
    "p-tuning-lstm": lambda task: PromptEncoderConfig(**N, task_type=task, **LSTM),
    "prefix-tuning": lambda task: PrefixTuningConfig(**N, task_type=task),
    "prefix-tuning-projection": lambda task: PrefixTuningConfig(**N, task_type=task, prefix_projection=True, encoder_hidden_size=8),
    # Two submodules would put rows before the decoder's tokens too: in training, and not in generation.
    "multitask-prompt-tuning": lambda task: MultitaskPromptTuningConfig(**N, task_type=task, num_tasks=3, num_ranks=2, num_transformer_submodules=1),
    "lora": lambda task: LoraConfig(**LORA, task_type=task),
    "lora-all-linear": lambda task: LoraConfig(**LORA, task_type=task, target_modules="all-linear", use_rslora=True),
    "lora-patterns": lambda task: LoraConfig(
        **LORA, task_type=task,
        rank_pattern={"q_proj": 3, "query": 3, r"layers?\.1\..*\.(v_proj|value)": 1},
        alpha_pattern={"v_proj": 5, "layer.0.attention.self.value": 5}),
    "lora-bias": lambda task: LoraConfig(**LORA, task_type=task, bias="lora_only"),
    "lora-alora": lambda task: LoraConfig(**LORA, task_type=task, alora_invocation_tokens=INVOCATION, target_modules="all-linear"),
    "lora-alora-absent": lambda task: LoraConfig(**LORA, task_type=task, alora_invocation_tokens=INVOCATION),
    "lora-alora-bias": lambda task: LoraConfig(**LORA, task_type=task, alora_invocation_tokens=INVOCATION, bias="lora_only"),
    "lora-dora": lambda task: LoraConfig(**LORA, task_type=task, use_dora=True),
    "lora-lin": lambda task: LoraConfig(**LORA, task_type=task, target_modules=["q_lin", "k_lin", "v_lin", "out_lin", "lin1", "lin2"]),
    "lora-qkvo": lambda task: LoraConfig(**LORA, task_type=task, target_modules=["q", "k", "v", "o", "output.dense"]),
    "ia3-lin": lambda task: IA3Config(task_type=task, init_ia3_weights=False, target_modules=["k_lin", "v_lin", "lin2"], feedforward_modules=["lin2"]),
    "ia3": lambda task: IA3Config(task_type=task, init_ia3_weights=False),
    "adaption-prompt": lambda task: AdaptionPromptConfig(task_type=task, adapter_len=3, adapter_layers=2),
}

# The cases that came first have five virtual tokens and encoders of their own sizes.
FIRST = {"num_virtual_tokens": 5, "task_type": "CAUSAL_LM"}
SPECIAL = {
    "llama/prompt-tuning.causal_lm": PromptTuningConfig(**FIRST),
    "llama/prefix-tuning.causal_lm": PrefixTuningConfig(**FIRST),
    "llama/prefix-tuning-projection.causal_lm": PrefixTuningConfig(**FIRST, prefix_projection=True, encoder_hidden_size=32),
    "qwen2/p-tuning-lstm.causal_lm": PromptEncoderConfig(**FIRST, **LSTM),
    # PEFT finds none of its sizes.
    "distilbert/prompt-tuning.seq_cls": PromptTuningConfig(**N, task_type="SEQ_CLS", token_dim=16, num_layers=2, num_attention_heads=2),
    # It takes the width of the model for that of embeddings.
    "electra/prompt-tuning-narrow.seq_cls": PromptTuningConfig(**N, task_type="SEQ_CLS", token_dim=8),
    "qwen3/p-tuning-mlp.causal_lm": PromptEncoderConfig(**FIRST, encoder_reparameterization_type="MLP", encoder_hidden_size=8),
    "mistral/prefix-tuning.causal_lm": PrefixTuningConfig(**FIRST),
}

# Every method meets every architecture that PEFT allows it, but for llama's later relatives, which meet a few; every variant meets some.
# PEFT cannot label tokens beneath rows in front. On GPT-2 its adaption prompt is another method: what the prompt gives is added past the
# output projection, which it does not go through.
COVERED = {
    "gpt2": {
        "causal_lm": "prompt-tuning p-tuning-lstm prefix-tuning multitask-prompt-tuning lora lora-bias lora-alora-absent ia3",
        "seq_cls": "prompt-tuning p-tuning-mlp prefix-tuning-projection lora-all-linear",
    },
    "llama": {
        "causal_lm": "prompt-tuning prefix-tuning prefix-tuning-projection p-tuning-mlp multitask-prompt-tuning lora-all-linear lora-alora ia3 adaption-prompt",
        "seq_cls": "p-tuning-lstm prefix-tuning lora-dora",
        "token_cls": "lora",
    },
    "qwen2": {"causal_lm": "p-tuning-lstm prompt-tuning prefix-tuning-projection lora-bias lora-alora-bias ia3", "seq_cls": "lora-patterns"},
    "qwen3": {"causal_lm": "p-tuning-mlp prompt-tuning prefix-tuning multitask-prompt-tuning lora-patterns ia3 lora-named lora-alora "
                            "prefix-tuning-window-6 lora-window-6 lora-yarn"},
    # PEFT has no modules of its own choice for the next three.
    "smollm3": {"causal_lm": "prompt-tuning-window-6 prefix-tuning lora-all-linear lora-all-linear-window-6", "seq_cls": "lora-all-linear"},
    "olmo2": {"causal_lm": "prompt-tuning prefix-tuning lora-all-linear", "seq_cls": "lora-all-linear"},
    "granite": {"causal_lm": "prompt-tuning prefix-tuning lora-all-linear"},
    "mistral": {"causal_lm": "prefix-tuning prompt-tuning p-tuning-lstm lora-dora lora-alora ia3 adaption-prompt "
                             "prefix-tuning-window-6 prompt-tuning-window-6", "seq_cls": "prompt-tuning"},
    # PEFT has no default modules for it.
    "phi3": {"causal_lm": "prompt-tuning lora-all-linear prefix-tuning-window-6 lora-all-linear-longrope", "seq_cls": "lora-all-linear"},
    "gemma3_text": {
        "causal_lm": "prompt-tuning p-tuning-mlp prefix-tuning prefix-tuning-projection multitask-prompt-tuning lora lora-linear-rope lora-all-linear lora-alora ia3",
        "seq_cls": "lora prompt-tuning",
    },
    "bert": {
        "seq_cls": "prompt-tuning p-tuning-mlp prefix-tuning-projection multitask-prompt-tuning lora-all-linear lora-bias ia3",
        "token_cls": "prefix-tuning lora-patterns",
    },
    "roberta": {"seq_cls": "prompt-tuning p-tuning-lstm prefix-tuning lora-dora ia3", "token_cls": "prefix-tuning-projection lora"},
    "xlm-roberta": {"seq_cls": "prompt-tuning lora", "token_cls": "prefix-tuning"},
    "camembert": {"seq_cls": "lora-all-linear", "token_cls": "prefix-tuning"},
    # PEFT's table knows no DistilBERT, and its prefix tuning refuses it.
    "distilbert": {"seq_cls": "prompt-tuning lora-lin ia3-lin", "token_cls": "lora-lin"},
    "electra": {"seq_cls": "prompt-tuning lora prompt-tuning-narrow lora-all-linear-narrow", "token_cls": "prefix-tuning"},
    # Nor of MPNet, which takes no prefixes in transformers.
    "mpnet": {"seq_cls": "prompt-tuning lora-all-linear", "token_cls": "lora-qkvo"},
    "t5": {"seq_2_seq_lm": "prompt-tuning p-tuning-mlp prefix-tuning prefix-tuning-3-layers prefix-tuning-4-layers prefix-tuning-projection "
                           "multitask-prompt-tuning lora ia3"},
    "t5-v1_1": {"seq_2_seq_lm": "prompt-tuning p-tuning-lstm prefix-tuning lora-all-linear lora-dora ia3"},
    "mt5": {"seq_2_seq_lm": "prefix-tuning lora-all-linear ia3"},
}
BASE_OF = {
    "gemma3_text/lora-linear-rope.causal_lm": "base-causal_lm-linear-rope",
    "qwen3/prefix-tuning.causal_lm": "base-causal_lm-head_dim-8",
    "qwen3/prefix-tuning-window-6.causal_lm": "base-causal_lm-window-6",
    "qwen3/lora-window-6.causal_lm": "base-causal_lm-window-6",
    "qwen3/lora-yarn.causal_lm": "base-causal_lm-yarn",
    "smollm3/prompt-tuning-window-6.causal_lm": "base-causal_lm-window-6",
    "smollm3/lora-all-linear-window-6.causal_lm": "base-causal_lm-window-6",
    "mistral/prefix-tuning-window-6.causal_lm": "base-causal_lm-window-6",
    "mistral/prompt-tuning-window-6.causal_lm": "base-causal_lm-window-6",
    "phi3/prefix-tuning-window-6.causal_lm": "base-causal_lm-window-6",
    "phi3/lora-all-linear-longrope.causal_lm": "base-causal_lm-longrope",
    "electra/prompt-tuning-narrow.seq_cls": "base-seq_cls-narrow",
    "electra/lora-all-linear-narrow.seq_cls": "base-seq_cls-narrow",
    "t5/prefix-tuning-3-layers.seq_2_seq_lm": "base-seq_2_seq_lm-3-layers",
    "t5/prefix-tuning-4-layers.seq_2_seq_lm": "base-seq_2_seq_lm-4-layers",
    "t5-v1_1/prefix-tuning.seq_2_seq_lm": "base-seq_2_seq_lm-2-heads",
}
ADAPTER_NAMES = {"qwen3/lora-named.causal_lm": "friendly"}


def config_of(case: str, method: str, task: str):
    """PEFT's config of one case; a suffix that names the base or the adapter is not part of the method."""
    for suffix in ("-3-layers", "-4-layers", "-named", "-window-6", "-linear-rope", "-yarn", "-longrope", "-narrow"):
        method = method.removesuffix(suffix)
    return SPECIAL.get(case) or METHODS[method](task.upper())

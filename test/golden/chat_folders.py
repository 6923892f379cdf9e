"""Model folders that name special tokens and chat templates in each of the places where Transformers looks for them."""

TOKEN = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
BYTES = {chr(code): code - 33 for code in range(33, 127)}
VOCABULARY = {**BYTES, "\u0120": 94, "<s>": 95, "</s>": 96, "<unk>": 97, "<mask>": 98, "<extra>": 99}
TOKENIZER = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [{"id": 95, "content": "<s>", **TOKEN}, {"id": 96, "content": "</s>", **TOKEN}],
    "normalizer": None,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    "post_processor": None,
    "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False,
              "byte_fallback": False, "ignore_merges": False, "vocab": VOCABULARY, "merges": []},
}  # fmt: skip

SHOW = "{{ bos_token }}|{{ eos_token }}|{{ unk_token }}|{{ pad_token }}|{{ mask_token }}|{{ sep_token }}|{{ cls_token }}|{{ image_token }}|{{ extra_special_tokens }}|{{ additional_special_tokens }}"
CONFIG = {"bos_token": "<s>", "eos_token": {"__type": "AddedToken", "content": "</s>", **TOKEN}, "chat_template": SHOW}

FOLDERS = {
    "named in the config": {"tokenizer_config.json": {**CONFIG, "mask_token": "<mask>", "unk_token": "<unk>"}},
    "special_tokens_map.json alone": {
        "tokenizer_config.json": {"chat_template": SHOW},
        "special_tokens_map.json": {"bos_token": "<s>", "eos_token": {"content": "</s>", **TOKEN}, "mask_token": {"content": "<mask>", **TOKEN, "lstrip": True}, "additional_special_tokens": ["<extra>"]},
    },
    "special_tokens_map.json over the config": {
        "tokenizer_config.json": {**CONFIG, "mask_token": "<extra>"},
        "special_tokens_map.json": {"mask_token": "<mask>"},
    },
    "special_tokens_map.json beside a decoder": {
        "tokenizer_config.json": {**CONFIG, "added_tokens_decoder": {"99": {"content": "<extra>", **TOKEN}}},
        "special_tokens_map.json": {"mask_token": "<mask>"},
    },
    "added_tokens_decoder": {
        "tokenizer_config.json": {**CONFIG, "mask_token": "<mask>", "added_tokens_decoder": {
            "98": {"content": "<mask>", **TOKEN, "lstrip": True}, "99": {"content": "<extra>", **TOKEN, "rstrip": True}, "100": {"content": "<tool>", **TOKEN, "special": False}}},
    },
    "added_tokens.json": {
        "tokenizer_config.json": {**CONFIG, "mask_token": "<mask>", "additional_special_tokens": ["<extra>"]},
        "added_tokens.json": {"<tool>": 100, "<mask>": 98},
    },
    "additional_special_tokens": {"tokenizer_config.json": {**CONFIG, "additional_special_tokens": ["<extra>", {"__type": "AddedToken", "content": "<tool>", **TOKEN, "lstrip": True}]}},
    "extra_special_tokens as a list": {"tokenizer_config.json": {**CONFIG, "extra_special_tokens": ["<extra>"]}},
    "extra_special_tokens by name": {"tokenizer_config.json": {**CONFIG, "extra_special_tokens": {"image_token": "<image>"}}},
    "a token of its own name": {"tokenizer_config.json": {**CONFIG, "image_token": "<image>"}},
    "several templates": {"tokenizer_config.json": {**CONFIG, "chat_template": [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "T"}]}},
    "several templates without a default": {"tokenizer_config.json": {**CONFIG, "chat_template": [{"name": "a", "template": "A"}, {"name": "tool_use", "template": "T"}]}},
    "a file": {"tokenizer_config.json": CONFIG, "chat_template.jinja": "F{{ bos_token }}\n\n"},
    "a file and more": {"tokenizer_config.json": CONFIG, "chat_template.jinja": "F", "additional_chat_templates/tool_use.jinja": "T", "additional_chat_templates/rag.jinja": "R"},
    "more files and no default": {"tokenizer_config.json": CONFIG, "additional_chat_templates/rag.jinja": "R"},
    "no template": {"tokenizer_config.json": {"bos_token": "<s>"}},
}

"""Makes small tokenizers of every type that Hugging Face's tokenizers library has, and what it makes of odd strings, under tokenizers/.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python test/golden/tokenizer_grid.py

README.md says what the files hold. `npm test` compares Weft's tokenizer with them and needs no Python.
"""
import base64
import copy
import json
import random
import shutil
import tempfile
from pathlib import Path

import sentencepiece

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

HERE = Path(__file__).parent / "tokenizers"

CORPUS = [
    "The sailor's shuttle flew; the boat hummed low, and low hummed the boat.", "A thread is a thread is a thread, said the old sailor to the new one.",
    "Don't count 1234 threads, count 12 and 34.", "naïve café déjà vu, straße, Ωμέγα, σοφός ΣΟΦΟΣ", "привет мир, новый станок", "你好，世界。织布机", "안녕 세계", "नमस्ते दुनिया",
    "hello hello world world  double  spaces", "def carry(x):\n    return x + 1\n", "low lower lowest new newer newest wide wider widest", "🙂 🙃 emoji 🙂", "שלום עולם", "İstanbul ǅ ﬁne ½ x² Ⅷ",
]  # fmt: skip

STRINGS = [
    "", " ", "  ", "a", "hello world", " hello world ", "Hello, World!", "the sailor's boat", "don't won't I'll we've", "hello  world   again    four", "\n", "\n\n", "a\nb\r\nc\rd", "\ttab\tbed\t", "12 345 6789 1,234.56",
    "naïve café", "nai\u0308ve cafe\u0301", "STRASSE straße ẞ", "ΣΟΦΟΣ σοφός ΣΑΣ. Σ", "ΑΣ ΑΣΑ Σ' Σ́ ΑΣ́ Α.Σ", "İstanbul ısı", "ǅ ǆ Ǆ", "ﬁne ﬀ ½ x² Ⅷ ㎏ Å Å", "привет Мир", "你好，世界。hello世界", "㐀𠀀豈", "안녕 세계", "안녕", "नमस्ते दुनिया", "שלום עולם", "مرحبا بالعالم", "ไทยไทย",
    "🙂", "a🙂b🙃", "👨‍👩‍👧 family", "🇩🇪🇫🇷", "e\u0301\u0302\u0303", "\u0301a", "\u200ba\u200bb\u200d", "\ufeffhello", "a\ufeffb\ufeff", "\ufeff", "a\u00a0b\u3000c\u2003d", "\u00ada\u00ad", "\u0000a\u0001b\u001f", "a\u0085b\u2028c\u2029d", "\x7f\x80\x9f", "\ufffd a\ufffdb", "\ue000\U000f0000", "\U0001d11e clef", "𝐁𝐨𝐥𝐝 ｆｕｌｌ",
    "▁a▁b", "a▁ b", "<0x41> <0xZZ>", "##ing", "Ġhello", "</w>", "<unk>", "[UNK] x", "x" * 40, "x" * 120, " " * 17, "lowest newest widest", "unseen ₿ ⚙ ꙮ", "a.b,c;d:e!f?g", "(a)[b]{c}<d>", "snake_case camelCase UPPER", "1.5e-10 0x1F 100%", "http://a.b/c?d=e&f#g", "it 's n't 're , . ? !", "a-b–c—d…e", "“quoted” ‘single’ «g»", "$1 €2 £3 ¥4", "^`~|\\/", "a  \n  b \t\n",
    "<sep>hello<sep>world<sep>", "hello <sep> world", "hello<sep> world", "a <strip> b", "a  <strip>  b\n", "<strip>", " <strip>", "<left> a  <left>b", "a<right>  b <right>", "word wordy aword word. word", "sword word-word _word word_ éword", "<w>a <w> a<w>", "BOAT boat Boat", "<norm> <NORM> <Norm>", "héllo hello HÉLLO", "<sep", "<<sep>>", "<sep><sep>  <sep>", "<s>hi</s>", "[CLS] hi [SEP]", "wordword", "word\u0301", "word\u200dword", "日word本",
]  # fmt: skip

ADDED = [
    {"content": "<sep>", "special": True}, {"content": "<strip>", "special": True, "lstrip": True, "rstrip": True}, {"content": "<left>", "special": False, "lstrip": True}, {"content": "<right>", "special": True, "rstrip": True},
    {"content": "word", "special": False, "single_word": True}, {"content": "<w>", "special": True, "single_word": True}, {"content": "Boat", "special": False, "normalized": True}, {"content": "<Norm>", "special": False, "normalized": True}, {"content": "héllo", "special": False, "normalized": True},
]  # fmt: skip


def trained(model, trainer, normalizer=None, pre=None) -> dict:
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    return json.loads(tokenizer.to_str())["model"]


def fixed(model: dict, **changes) -> dict:
    return {**copy.deepcopy(model), **changes}


BYTE_ALPHABET = sorted(pre_tokenizers.ByteLevel.alphabet())
BYTES = [f"<0x{i:02X}>" for i in range(256)]
SPACE = normalizers.Replace(" ", "▁")
BERT = trained(models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=320, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False), normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer())
CASED = trained(models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=320, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False), None, pre_tokenizers.BertPreTokenizer())
GPT = trained(models.BPE(), trainers.BpeTrainer(vocab_size=330, initial_alphabet=BYTE_ALPHABET, special_tokens=["<s>", "</s>"], show_progress=False), None, pre_tokenizers.ByteLevel(add_prefix_space=False))
SP_BPE = trained(models.BPE(unk_token="<unk>", byte_fallback=True), trainers.BpeTrainer(vocab_size=460, special_tokens=["<unk>", "<s>", "</s>", *BYTES], limit_alphabet=60, show_progress=False), SPACE)
WORD_BPE = trained(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"), trainers.BpeTrainer(vocab_size=200, special_tokens=["<unk>", "<s>", "</s>"], end_of_word_suffix="</w>", show_progress=False), None, pre_tokenizers.Whitespace())
UNIGRAM = trained(models.Unigram(), trainers.UnigramTrainer(vocab_size=220, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False), None, pre_tokenizers.Metaspace())
UNIGRAM_BYTES = fixed(UNIGRAM, byte_fallback=True)
UNIGRAM_BYTES["vocab"] = UNIGRAM_BYTES["vocab"][:3] + [[piece, 0.0] for piece in BYTES] + UNIGRAM_BYTES["vocab"][3:]
WORDS = {"type": "WordLevel", "unk_token": "<unk>", "vocab": {word: i for i, word in enumerate(["<unk>", "<s>", "</s>", "hello", "world", "Hello", ",", "!", "a", "b", "don", "'", "t", "naïve", "🙂", "你", "low", "12"])}}
# single spaces between pieces that a merge has to join, and merges that repeat
REPEATS = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
           "vocab": {piece: i for i, piece in enumerate([*BYTE_ALPHABET, "xx", "xxxx", "ĠĠ", "ĠĠĠĠ", "ab", "aba", "bab"])}, "merges": [["x", "x"], ["xx", "xx"], ["Ġ", "Ġ"], ["ĠĠ", "ĠĠ"], ["a", "b"], ["ab", "a"], ["b", "ab"]]}  # fmt: skip



def charsmap() -> str:
    """A table of replacements as SentencePiece compiles it: some one to one, some of several characters, some to nothing."""
    rules = {"\u00e9": "e", "e\u0301": "e", "\ufb01": "fi", "\u2167": "VIII", "\u3000": " ", "\u00a0": " ", "\ufeff": "", "\u200b": "", "\t": " ", "\n": " ", "\uff46": "f", "\uff55": "u", "\u212b": "A\u030a", "\U0001d401": "B", "\u1112\u1161\u11ab": "\ud55c", "..": "\u2025", "\u00bd": "1/2", "\U0001f642": ":)"}
    with tempfile.TemporaryDirectory() as folder:
        tsv = "".join(f"{' '.join(f'{ord(c):X}' for c in old)}\t{' '.join(f'{ord(c):X}' for c in new)}\n" for old, new in sorted(rules.items()))
        (Path(folder) / "rules.tsv").write_text(tsv)
        (Path(folder) / "corpus.txt").write_text("\n".join(CORPUS))
        sentencepiece.SentencePieceTrainer.train(input=f"{folder}/corpus.txt", model_prefix=f"{folder}/m", vocab_size=130, normalization_rule_tsv=f"{folder}/rules.tsv", minloglevel=2)
        return base64.b64encode(normalizer_charsmap((Path(folder) / "m.model").read_bytes())).decode()


def normalizer_charsmap(model: bytes) -> bytes:
    """Field 2 (precompiled_charsmap) of field 3 (normalizer_spec) of a SentencePiece model."""
    return field(field(model, 3), 2)


def field(message: bytes, wanted: int) -> bytes:
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 2:
            size = varint()
            if key >> 3 == wanted:
                return message[at : at + size]
            at += size
        elif key & 7 == 0:
            varint()
        else:
            at += 4 if key & 7 == 5 else 8
    raise ValueError(wanted)


BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
GPT4_PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN_PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
SP_DECODER = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
PLAIN_DECODER = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}
LEGACY = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}


def seq(kind: str, *parts) -> dict:
    return {"type": "Sequence", kind: list(parts)}


def split(pattern: dict, behavior: str, invert: bool = False) -> dict:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def template(before: str | None, after: str | None, vocab) -> dict:
    ids = vocab if isinstance(vocab, dict) else {piece: i for i, (piece, _) in enumerate(vocab)}
    special = [token for token in (before, after) if token]
    around = [{"SpecialToken": {"id": token, "type_id": 0}} for token in special]
    single = ([around[0]] if before else []) + [{"Sequence": {"id": "A", "type_id": 0}}] + ([around[-1]] if after else [])
    return {"type": "TemplateProcessing", "single": single, "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in special}}


def tokenizer(model, normalizer=None, pre=None, post=None, decoder=None, special=(), added=True) -> dict:
    vocab = model["vocab"]
    ids = vocab if isinstance(vocab, dict) else {piece: i for i, (piece, _) in enumerate(vocab)}
    flags = {"single_word": False, "lstrip": False, "rstrip": False}
    tokens = [{"id": ids[token], "content": token, **flags, "normalized": False, "special": True} for token in special]
    next_id = len(ids)
    for token in ADDED if added else []:
        known = ids.get(token["content"])
        tokens.append({"id": next_id if known is None else known, **flags, "normalized": False, **token})
        next_id += known is None
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": normalizer, "pre_tokenizer": pre, "post_processor": post, "decoder": decoder, "model": model}


def bert(**options) -> dict:
    return {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True, **options}


WP_DECODER = {"type": "WordPiece", "prefix": "##", "cleanup": True}
BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
SP_SPECIAL = ["<unk>", "<s>", "</s>"]
POST = template("[CLS]", "[SEP]", BERT["vocab"])

GRID = {
    "words/bert-uncased": tokenizer(BERT, bert(), {"type": "BertPreTokenizer"}, POST, WP_DECODER, BERT_SPECIAL),
    "words/bert-plain-words": tokenizer(BERT, bert(), {"type": "BertPreTokenizer"}, POST, WP_DECODER, BERT_SPECIAL, added=False),
    "words/bert-cased": tokenizer(CASED, bert(lowercase=False), {"type": "BertPreTokenizer"}, {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, WP_DECODER, BERT_SPECIAL),
    "words/bert-accents-kept": tokenizer(BERT, bert(strip_accents=False), {"type": "BertPreTokenizer"}, POST, WP_DECODER, BERT_SPECIAL),
    "words/bert-accents-stripped": tokenizer(CASED, bert(lowercase=False, strip_accents=True, handle_chinese_chars=False, clean_text=False), {"type": "BertPreTokenizer"}, None, {"type": "WordPiece", "prefix": "##", "cleanup": False}, BERT_SPECIAL),
    "words/wordpiece-nfd-lower-strip": tokenizer(BERT, seq("normalizers", {"type": "NFD"}, {"type": "Lowercase"}, {"type": "StripAccents"}), {"type": "Whitespace"}, None, WP_DECODER, BERT_SPECIAL),
    "words/wordpiece-nfkc": tokenizer(BERT, seq("normalizers", {"type": "NFKC"}, {"type": "Lowercase"}), seq("pretokenizers", {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}, {"type": "Digits", "individual_digits": True}), None, WP_DECODER, BERT_SPECIAL),
    "words/wordpiece-short-words": tokenizer(fixed(BERT, max_input_chars_per_word=5), {"type": "Lowercase"}, {"type": "WhitespaceSplit"}, None, WP_DECODER, BERT_SPECIAL),
    "byte-level/gpt-2": tokenizer(GPT, None, BYTE_LEVEL, None, BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/gpt-2-prefix-space": tokenizer(GPT, None, {**BYTE_LEVEL, "add_prefix_space": True}, {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": True}, BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/gpt-2-nfc": tokenizer(GPT, {"type": "NFC"}, BYTE_LEVEL, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}, BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/gpt-2-nfkd-lower": tokenizer(GPT, seq("normalizers", {"type": "NFKD"}, {"type": "Lowercase"}), BYTE_LEVEL, None, BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/llama-3": tokenizer(fixed(GPT, ignore_merges=True), None, seq("pretokenizers", split({"Regex": GPT4_PATTERN}, "Isolated"), {**BYTE_LEVEL, "use_regex": False}), seq("processors", {**BYTE_LEVEL, "trim_offsets": False}, template("<s>", None, GPT["vocab"])), BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/qwen": tokenizer(GPT, {"type": "NFC"}, seq("pretokenizers", split({"Regex": QWEN_PATTERN}, "Isolated"), {**BYTE_LEVEL, "use_regex": False}), {**BYTE_LEVEL, "trim_offsets": False}, BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/deepseek": tokenizer(GPT, None, seq("pretokenizers", split({"Regex": r"\p{N}{1,3}"}, "Isolated"), split({"Regex": "[一-龥぀-ゟ゠-ヿ]+"}, "Isolated"), split({"Regex": r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"}, "Isolated"), {**BYTE_LEVEL, "use_regex": False}), None, BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/byte-level-digits": tokenizer(GPT, None, seq("pretokenizers", {"type": "Digits", "individual_digits": True}, BYTE_LEVEL), None, BYTE_LEVEL, ["<s>", "</s>"]),
    "byte-level/byte-level-repeats": tokenizer(REPEATS, None, {**BYTE_LEVEL, "use_regex": False}, None, BYTE_LEVEL),
    "byte-level/byte-level-split-kinds": tokenizer(GPT, None, seq("pretokenizers", split({"String": "-"}, "MergedWithPrevious"), split({"String": "."}, "MergedWithNext"), split({"Regex": r"\s+"}, "Removed"), split({"Regex": "[,;]"}, "Contiguous"), split({"Regex": r"\w+"}, "Isolated", True), {**BYTE_LEVEL, "use_regex": False}), None, BYTE_LEVEL, ["<s>", "</s>"]),
    "bpe/llama-2": tokenizer(SP_BPE, LEGACY, None, template("<s>", None, SP_BPE["vocab"]), SP_DECODER, SP_SPECIAL),
    "bpe/llama-2-without-added": tokenizer(SP_BPE, LEGACY, None, template("<s>", "</s>", SP_BPE["vocab"]), SP_DECODER, SP_SPECIAL, added=False),
    "bpe/mistral-metaspace": tokenizer(SP_BPE, None, {**METASPACE, "prepend_scheme": "first", "split": False}, template("<s>", None, SP_BPE["vocab"]), SP_DECODER, SP_SPECIAL),
    "bpe/metaspace-always": tokenizer(SP_BPE, None, METASPACE, None, {**METASPACE}, SP_SPECIAL),
    "bpe/metaspace-never": tokenizer(SP_BPE, None, {**METASPACE, "prepend_scheme": "never"}, None, {**METASPACE, "prepend_scheme": "never"}, SP_SPECIAL),
    "bpe/gemma": tokenizer(SP_BPE, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, split({"String": " "}, "MergedWithPrevious"), template("<s>", None, SP_BPE["vocab"]), PLAIN_DECODER, SP_SPECIAL),
    "bpe/bpe-fused-unknown": tokenizer(fixed(SP_BPE, byte_fallback=False, fuse_unk=True), LEGACY, None, None, SP_DECODER, SP_SPECIAL),
    "bpe/bpe-unknown": tokenizer(fixed(SP_BPE, byte_fallback=False, fuse_unk=False), LEGACY, None, None, SP_DECODER, SP_SPECIAL),
    "bpe/bpe-word-ends": tokenizer(WORD_BPE, seq("normalizers", {"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}, {"type": "Lowercase"}), {"type": "Whitespace"}, None, {"type": "BPEDecoder", "suffix": "</w>"}, SP_SPECIAL),
    "unigram/t5": tokenizer(UNIGRAM, None, METASPACE, template(None, "</s>", UNIGRAM["vocab"]), METASPACE, SP_SPECIAL),
    "unigram/unigram-spaces-joined": tokenizer(UNIGRAM, seq("normalizers", {"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "Strip", "strip_left": True, "strip_right": True}), seq("pretokenizers", {"type": "WhitespaceSplit"}, METASPACE), None, METASPACE, SP_SPECIAL),
    "unigram/unigram-quotes-accents": tokenizer(UNIGRAM, seq("normalizers", {"type": "Replace", "pattern": {"String": "``"}, "content": '"'}, {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}), METASPACE, None, METASPACE, SP_SPECIAL),
    "unigram/t5-precompiled": tokenizer(UNIGRAM, {"type": "Precompiled", "precompiled_charsmap": charsmap()}, seq("pretokenizers", {"type": "WhitespaceSplit"}, METASPACE), template(None, "</s>", UNIGRAM["vocab"]), METASPACE, SP_SPECIAL),
    "unigram/xlm-r-precompiled": tokenizer(UNIGRAM, seq("normalizers", {"type": "Precompiled", "precompiled_charsmap": charsmap()}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}), {**METASPACE, "prepend_scheme": "first"}, template("<s>", "</s>", UNIGRAM["vocab"]), METASPACE, SP_SPECIAL),
    "unigram/unigram-byte-fallback": tokenizer(UNIGRAM_BYTES, LEGACY, None, template("<s>", "</s>", UNIGRAM_BYTES["vocab"]), SP_DECODER, SP_SPECIAL),
    "unigram/unigram-byte-fallback-metaspace": tokenizer(UNIGRAM_BYTES, None, {**METASPACE, "prepend_scheme": "first"}, None, SP_DECODER, SP_SPECIAL),
    "words/word-level": tokenizer(WORDS, None, {"type": "Whitespace"}, None, None, SP_SPECIAL),
    "bpe/character-level": tokenizer(fixed(SP_BPE, merges=[]), {"type": "NFC"}, {"type": "FixedLength", "length": 3}, None, PLAIN_DECODER, SP_SPECIAL),
}  # fmt: skip


def cases(name: str, definition: dict) -> dict:
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    choose = random.Random(name)
    sequences = [[choose.randrange(tokenizer.get_vocab_size()) for _ in range(choose.randrange(1, 9))] for _ in range(12)]
    encoded = [[tokenizer.encode(text).ids, tokenizer.encode(text, add_special_tokens=False).ids] for text in STRINGS]
    # ids that added tokens leave free in between are no tokens
    decoded = [[tokenizer.decode(ids, skip_special_tokens=skip) for skip in (True, False)] for ids in [pair[0] for pair in encoded] + sequences]
    return {"definition": definition, "encoded": [ids for _, ids in encoded], "around": [whole if whole != bare else None for whole, bare in encoded], "sequences": sequences, "decoded": decoded}


def stored(name: str) -> dict | None:
    file = HERE / f"{name}.json"
    return json.loads(file.read_text())["definition"] if file.exists() else None


if __name__ == "__main__":
    # Training breaks ties as it likes: what is stored stays, so that the same versions make the same bytes.
    definitions = {name: stored(name) or definition for name, definition in GRID.items()}
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
    (HERE / "strings.json").write_text(json.dumps(STRINGS, indent=0) + "\n")
    for name, definition in definitions.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / f"{name}.json").write_text(json.dumps(cases(name, definition), separators=(",", ":")) + "\n")

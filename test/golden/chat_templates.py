"""Renders the chat cases under chat/ with Hugging Face Transformers itself, so that `npm test` needs no Python.

    pip install transformers==5.24.0 jinja2==3.1.6
    python test/golden/chat_templates.py

Reads chat/templates/*.jinja and chat/conversations.json (README.md); chat_constructs.py holds the small templates.
Writes chat/renderings.json, chat/constructs.json and chat/folders.json.
"""
import json
import tempfile
from pathlib import Path

from chat_constructs import CONSTRUCTS, CONTEXT
from chat_folders import FOLDERS, TOKENIZER
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import _compile_jinja_template, _normalize_chat_messages, render_jinja_template

HERE = Path(__file__).parent / "chat"
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}


def write(name: str, value) -> None:
    (HERE / name).write_text(json.dumps(value, ensure_ascii=True, indent=1) + "\n")


def attempt(render):
    """What it renders, or null where Transformers refuses it."""
    try:
        return render()
    except Exception:
        return None


def constructs() -> dict:
    cases = [[kind, source, attempt(lambda: _compile_jinja_template(source).render(**CONTEXT))] for kind, sources in CONSTRUCTS.items() for source in sources]
    return {"context": CONTEXT, "cases": cases}


def renderings() -> list:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(TOKENIZER)), **TOKENS)
    conversations = json.loads((HERE / "conversations.json").read_text())
    found = []
    for file in sorted((HERE / "templates").glob("*.jinja")):
        tokenizer.chat_template = file.read_bytes().decode()
        for name, conversation in conversations.items():
            for prompt in (True, False):
                arguments = {"tools": None, **conversation, "add_generation_prompt": prompt}
                messages = arguments.pop("messages")
                text = attempt(lambda: tokenizer.apply_chat_template(messages, tokenize=False, **arguments))
                case = {"template": file.name, "conversation": name, "prompt": prompt, "text": text}
                if text is not None and "generation %}" in tokenizer.chat_template:
                    _, indices = render_jinja_template([_normalize_chat_messages(messages)], chat_template=tokenizer.chat_template, return_assistant_tokens_mask=True, **arguments, **TOKENS)
                    case["generations"] = [text[start:end] for start, end in indices[0]]
                found.append(case)
    return found


def folders() -> list:
    found = []
    for name, files in FOLDERS.items():
        with tempfile.TemporaryDirectory() as folder:
            for file, content in {"tokenizer.json": TOKENIZER, **files}.items():
                path = Path(folder) / file
                path.parent.mkdir(exist_ok=True)
                path.write_text(content if isinstance(content, str) else json.dumps(content))
            tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
            text = "a<extra> <tool>b<mask>c <image>d"
            ids = tokenizer.encode(text, add_special_tokens=False)
            render = lambda tools: attempt(lambda: tokenizer.apply_chat_template([{"role": "user", "content": "x"}], tools=tools, tokenize=False))
            found.append({"name": name, "files": files, "text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True),
                          "named": tokenizer.special_tokens_map, "rendered": render(None), "withTools": render([{"type": "function"}])})  # fmt: skip
    return found


if __name__ == "__main__":
    write("constructs.json", constructs())
    write("renderings.json", renderings())
    write("folders.json", {"tokenizer": TOKENIZER, "folders": folders()})

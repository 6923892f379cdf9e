"""What vLLM lacks to answer for a Weft edge: a place for adapters that come over HTTP, and a word on which base model it serves.

    PYTHONPATH=gpu-runner/vllm WEFT_VLLM_MODEL=model.json WEFT_VLLM_ADAPTERS=/var/lib/weft \
        VLLM_ALLOW_RUNTIME_LORA_UPDATING=True vllm serve MODEL --middleware weft_vllm.AdapterFolder ...

`WEFT_VLLM_MODEL` is what `weft describe MODEL` prints. Only the edge may reach this server: give vLLM an `--api-key`, or VLLM_API_KEY, and the
edge the same as its RUNNER_TOKEN.
"""

import hashlib
import hmac
import json
import os
import re
import tempfile
from pathlib import Path

from vllm.version import __version__

KEY = re.compile(r"sha256:([0-9a-f]{64})")
FILES = {"adapter_config.json", "adapter_model.safetensors", "prefix.safetensors"}


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class AdapterFolder:
    """ASGI middleware: `GET /weft/model`, `GET` and `PUT /weft/adapters/{key}/{file}`. All else is vLLM's."""

    def __init__(self, app):
        self.app = app
        named = os.environ.get("WEFT_VLLM_ADAPTERS")
        # Held, since it goes with its object: at the latest when the server ends.
        self.scratch = None if named else tempfile.TemporaryDirectory(prefix="weft-vllm-")
        self.folder = Path(named or self.scratch.name)
        self.described = None

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith("/weft/"):
            return await self.app(scope, receive, send)
        try:
            args = scope["app"].state.args
            authorize(scope, args)
            if (scope["method"], path) == ("GET", "/weft/model"):
                return await answer(send, 200, {"model": self.model(args.model), "vllm": started_with(args)})
            named = re.fullmatch(r"/weft/adapters/([^/]+)/([^/]+)", path)
            if scope["method"] not in ("GET", "PUT") or not named:
                raise Refused(404, f"There is no {scope['method']} {path}.")
            file = self.file(*named.groups())
            if scope["method"] == "PUT":
                keep(file, await body_of(receive))
            elif not file.is_file():
                raise Refused(404, f"There is no {path}.")
            await answer(send, 200, {"folder": str(file.parent)})
        except Refused as refused:
            await answer(send, refused.status, {"error": {"message": str(refused)}})

    def model(self, checkpoint):
        """The model as it was written down, once its files are seen to be those that were described."""
        if self.described is None:
            source = os.environ.get("WEFT_VLLM_MODEL")
            if not source:
                raise Refused(500, "WEFT_VLLM_MODEL is not set. Write the file with `weft describe MODEL`, and name it there.")
            try:
                described = json.loads(Path(source).read_text())
                files, model = described["files"], described["model"]
            except (OSError, ValueError, KeyError, TypeError) as wrong:
                raise Refused(500, f"{source} is not what `weft describe` writes: {wrong!r}.") from wrong
            for name, digest in files.items():
                file = Path(checkpoint) / name
                if not file.is_file() or sha256(file) != digest:
                    raise Refused(500, f"{source} describes another {name} than {checkpoint} has. Write it again with `weft describe`.")
            self.described = model
        return self.described

    def file(self, key, name):
        digest = KEY.fullmatch(key)
        if not digest or name not in FILES:
            raise Refused(404, f"{key}/{name} is no file of an adapter; these are: {', '.join(sorted(FILES))}.")
        return self.folder / digest[1] / name


def keep(file, content):
    """Whole or not at all: vLLM may read while another request writes the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
        written.write(content)
    os.replace(written.name, file)


def authorize(scope, args):
    keys = args.api_key or ([os.environ["VLLM_API_KEY"]] if os.environ.get("VLLM_API_KEY") else [])
    given = dict(scope["headers"]).get(b"authorization", b"")
    if keys and not any(hmac.compare_digest(given, f"Bearer {key}".encode()) for key in keys):
        raise Refused(401, "The key is missing or wrong.")


def started_with(args):
    from vllm import envs
    from vllm.platforms import current_platform

    names = args.served_model_name
    loads = args.enable_lora and envs.VLLM_ALLOW_RUNTIME_LORA_UPDATING
    modules = args.lora_target_modules
    # Where the embeddings are wrapped for LoRA, a batch of token ids and prompt_embeds takes the whole engine down (0.32).
    wrapped = args.enable_lora and (not modules or any("embed" in name or name in ("wte", "lm_head") for name in modules))
    return {
        "version": __version__,
        "served_name": names[0] if isinstance(names, list) and names else names or args.model,
        "max_model_len": args.max_model_len or 2**31 - 1,
        "adapters": {"max_rank": args.max_lora_rank, "modules": modules or None} if loads else None,
        # The CPU's LoRA kernels (vllm/lora/ops/torch_ops, 0.32) read "no adapter" (-1) as the last slot there is.
        "adapter_always": bool(loads and current_platform.is_cpu()),
        "prefixes": loads_prefixes(args.kv_transfer_config),
        "prompt_embeds": bool(args.enable_prompt_embeds and args.trust_request_chat_template and not wrapped),
    }


def loads_prefixes(config):
    """Whether weft_prefix.py is vLLM's connector, and both know one folder."""
    if isinstance(config, str):
        config = json.loads(config)
    named = config.get("kv_connector") if isinstance(config, dict) else getattr(config, "kv_connector", None)
    return named == "WeftPrefix" and bool(os.environ.get("WEFT_VLLM_ADAPTERS"))


def sha256(file):
    with open(file, "rb") as bytes_of_it:
        return hashlib.file_digest(bytes_of_it, "sha256").hexdigest()


async def body_of(receive):
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The connection broke.")
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def answer(send, status, value):
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})

"""A client that openapi-python-client makes of the edge's document: it is imported whole, and asks."""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import urllib.request

from weft import api_key, base_url, model

root = base_url.removesuffix("/v1")
with tempfile.TemporaryDirectory() as folder:
    document = os.path.join(folder, "openapi.json")
    with urllib.request.urlopen(f"{root}/openapi.json") as answer, open(document, "wb") as file:
        file.write(answer.read())
    programs = os.path.dirname(sys.executable)
    # It formats what it made with ruff, which lies beside it.
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    command = [os.path.join(programs, "openapi-python-client"), "generate", "--path", document, "--meta", "none"]
    made = subprocess.run([*command, "--fail-on-warning", "--output-path", os.path.join(folder, "weft_client")], capture_output=True, text=True, env=env)
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, folder)
    package = importlib.import_module("weft_client")
    for found in pkgutil.walk_packages(package.__path__, "weft_client."):
        importlib.import_module(found.name)
    client = package.AuthenticatedClient(base_url=root, token=api_key)
    models = importlib.import_module("weft_client.api.models.get_v1_models").sync(client=client)
    assert model in [each.id for each in models.data], models
    chat = importlib.import_module("weft_client.api.inference.post_v1_chat_completions")
    request = importlib.import_module("weft_client.models").PostV1ChatCompletionsBody.from_dict(
        {"model": model, "messages": [{"role": "user", "content": "We the people"}], "max_tokens": 4}
    )
    assert isinstance(chat.sync(client=client, body=request).choices[0].message.content, str)
    wrong = importlib.import_module("weft_client.models").PostV1ChatCompletionsBody.from_dict({**request.to_dict(), "model": "nobody"})
    refused = chat.sync_detailed(client=client, body=wrong)
    assert refused.status_code == 404 and json.loads(refused.content)["error"]["code"] == "model_not_found"

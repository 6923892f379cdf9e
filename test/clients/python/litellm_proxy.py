"""LiteLLM's proxy before Weft: OpenAI's SDK asks it for chats, responses and embeddings."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import openai

from weft import api_key, base_url, encoder, model


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


port = free_port()
models = [
    {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_base": base_url, "api_key": api_key}} for name in (model, encoder)
]
with tempfile.TemporaryDirectory() as folder:
    # JSON is YAML.
    config = os.path.join(folder, "config.yaml")
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"model_list": models, "general_settings": {"master_key": "sk-proxy"}}, file)
    command = [os.path.join(os.path.dirname(sys.executable), "litellm"), "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    with open(os.path.join(folder, "log"), "w+", encoding="utf-8") as log:
        proxy = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=1)
                    break
                except OSError:
                    if proxy.poll() is not None:
                        break
                    time.sleep(0.5)
            client = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="sk-proxy", max_retries=0)
            messages = [{"role": "user", "content": "We the people"}]
            assert isinstance(client.chat.completions.create(model=model, messages=messages, max_tokens=8).choices[0].message.content, str)
            chunks = client.chat.completions.create(model=model, messages=messages, max_tokens=8, stream=True)
            assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) != ""
            first = client.responses.create(model=model, input="My name is Ada.", max_output_tokens=8)
            answer = {"format": {"type": "json_schema", "name": "mood", "schema": {"enum": ["good", "bad"]}}}
            with client.responses.stream(model=model, input="And now?", previous_response_id=first.id, text=answer) as stream:
                text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
                assert stream.get_final_response().output_text == text
            tool = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {"city": {"enum": ["Bern"]}}, "required": ["city"]}}
            called = client.responses.create(model=model, input="Weather?", tools=[tool], tool_choice="required", max_output_tokens=40)
            assert json.loads(called.output[0].arguments) == {"city": "Bern"}
            assert len(client.embeddings.create(model=encoder, input=["the boat", "a sailor"]).data) == 2
        except Exception:
            log.seek(0)
            print(log.read()[-4000:], file=sys.stderr)
            raise
        finally:
            proxy.terminate()
            proxy.wait()

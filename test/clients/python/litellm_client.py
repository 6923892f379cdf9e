"""LiteLLM's SDK: chats, responses, functions, structured output, lists of prompts, embeddings."""

import json
from typing import Literal

import litellm
from pydantic import BaseModel

from weft import api_key, base_url, encoder, model

litellm.telemetry = False
connection = {"api_base": base_url, "api_key": api_key, "num_retries": 0}
name = f"openai/{model}"


class Mail(BaseModel):
    kind: Literal["spam", "ham"]
    urgent: bool


parameters = {"type": "object", "properties": {"city": {"enum": ["Bern", "Rome"]}}, "required": ["city"]}
tools = [{"type": "function", "function": {"name": "weather", "parameters": parameters}}]
messages = [{"role": "user", "content": "We the people"}]

asked = {"model": name, "messages": messages, **connection}
assert isinstance(litellm.completion(**asked, max_tokens=8).choices[0].message.content, str)
assert "".join(chunk.choices[0].delta.content or "" for chunk in litellm.completion(**asked, max_tokens=8, stream=True)) != ""
Mail.model_validate_json(litellm.completion(**asked, max_tokens=60, response_format=Mail).choices[0].message.content)
call = litellm.completion(**asked, max_tokens=40, tools=tools, tool_choice="required").choices[0].message.tool_calls[0]
assert json.loads(call.function.arguments)["city"] in ("Bern", "Rome")
assert len(litellm.batch_completion(model=name, messages=[messages, messages], max_tokens=4, **connection)) == 2

first = litellm.responses(model=name, input="My name is Ada.", max_output_tokens=8, **connection)
second = litellm.responses(model=name, input="What is my name?", previous_response_id=first.id, max_output_tokens=8, **connection)
assert second.output[0].content[0].text is not None
types = [event.type for event in litellm.responses(model=name, input="We the people", max_output_tokens=8, stream=True, **connection)]
assert types[0] == "response.created" and types[-1] in ("response.completed", "response.incomplete"), types
flat = [{"type": "function", **tools[0]["function"]}]
called = litellm.responses(model=name, input="Weather?", tools=flat, tool_choice="required", max_output_tokens=40, **connection)
assert called.output[0].type == "function_call"

assert len(litellm.embedding(model=f"openai/{encoder}", input=["the boat", "a sailor"], **connection).data) == 2
listed = litellm.text_completion(model=f"text-completion-openai/{model}", prompt=["We the", "Call me"], max_tokens=4, **connection)
assert len(listed.choices) == 2

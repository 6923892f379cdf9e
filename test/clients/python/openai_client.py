"""OpenAI's SDK: chats, responses, conversations, functions, embeddings and completions."""

import json
from typing import Literal

import openai
from pydantic import BaseModel

from weft import encoder, model


class Mail(BaseModel):
    kind: Literal["spam", "ham"]
    urgent: bool


class Weather(BaseModel):
    city: Literal["Bern", "Rome"]


client = openai.OpenAI(max_retries=0)
messages = [{"role": "user", "content": "We the people"}]

asked = {"model": model, "messages": messages, "max_tokens": 8, "temperature": 0}
whole = client.chat.completions.create(**asked).choices[0].message.content
assert whole == "".join(chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(**asked, stream=True))
parsed = client.chat.completions.parse(model=model, messages=messages, max_tokens=60, response_format=Mail)
assert isinstance(parsed.choices[0].message.parsed, Mail)

response = client.responses.parse(model=model, input="You have won a prize", max_output_tokens=60, text_format=Mail)
assert isinstance(response.output_parsed, Mail)

first = client.responses.create(model=model, input="My name is Ada.", instructions="Be brief.", max_output_tokens=8)
# This SDK takes a stream for whole only where it was not cut: the answer is a short object.
with client.responses.stream(model=model, input="What is my name?", previous_response_id=first.id, text_format=Mail) as stream:
    text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
    second = stream.get_final_response()
assert second.output_text == text and isinstance(second.output_parsed, Mail)
assert [item.type for item in client.responses.input_items.list(second.id, order="asc")] == ["message"] * 3
assert client.responses.retrieve(second.id).output_text == text
client.responses.delete(second.id)
try:
    client.responses.retrieve(second.id)
    raise AssertionError("a deleted response is still there")
except openai.NotFoundError:
    pass

tools = [openai.pydantic_function_tool(Weather, name="weather")]
tools = [{"type": "function", **tool["function"]} for tool in tools]
called = client.responses.create(model=model, input="Weather in Bern?", tools=tools, tool_choice="required", max_output_tokens=40)
call = called.output[0]
Weather(**json.loads(call.arguments))
result = {"type": "function_call_output", "call_id": call.call_id, "output": "Rain."}
again = [{"role": "user", "content": "Weather in Bern?"}, *called.output, result]
assert isinstance(client.responses.create(model=model, input=again, max_output_tokens=8).output_text, str)
assert isinstance(client.responses.create(model=model, input=[result], previous_response_id=called.id, max_output_tokens=8).output_text, str)

vectors = client.embeddings.create(model=encoder, input=["the boat", "a sailor"]).data
assert len(vectors) == 2 and abs(sum(x * x for x in vectors[0].embedding) - 1) < 1e-4
listed = client.completions.create(model=model, prompt=["We the", "Call me"], max_tokens=4)
assert [choice.index for choice in listed.choices] == [0, 1]
assert model in [each.id for each in client.models.list()]

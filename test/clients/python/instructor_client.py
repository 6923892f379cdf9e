"""instructor: objects of a class, by JSON schema, by a call, and over responses; whole and in parts."""

from typing import Literal

import instructor
import openai
from pydantic import BaseModel

from weft import model


class Mail(BaseModel):
    kind: Literal["spam", "ham"]
    urgent: bool


messages = [{"role": "user", "content": "You have won a prize"}]
for mode in (instructor.Mode.JSON_SCHEMA, instructor.Mode.TOOLS):
    client = instructor.from_openai(openai.OpenAI(max_retries=0), mode=mode)
    asked = {"model": model, "messages": messages, "response_model": Mail, "max_tokens": 200}
    assert isinstance(client.chat.completions.create(**asked, max_retries=0), Mail)
    assert list(client.chat.completions.create_partial(**asked))[-1].kind in ("spam", "ham")

client = instructor.from_openai(openai.OpenAI(max_retries=0), mode=instructor.Mode.RESPONSES_TOOLS)
assert isinstance(client.responses.create(model=model, input="You have won", response_model=Mail, max_output_tokens=200), Mail)

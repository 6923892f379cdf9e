"""LangChain: chats over both endpoints, structured output, tools, batches, lists of prompts, embeddings."""

from typing import Literal

from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from weft import encoder, model


class Mail(BaseModel):
    kind: Literal["spam", "ham"]
    urgent: bool


@tool
def weather(city: Literal["Bern", "Rome"]) -> str:
    """Of a city"""
    return f"Rain in {city}."


for use_responses_api in (False, True):
    chat = ChatOpenAI(model=model, max_tokens=40, temperature=1, max_retries=0, use_responses_api=use_responses_api)
    assert isinstance(chat.invoke("We the people").text, str)
    assert "".join(chunk.text for chunk in chat.stream("We the people")) != ""
    assert len(chat.batch(["We the", "Call me"])) == 2
    assert isinstance(chat.with_structured_output(Mail, method="json_schema").invoke("You have won"), Mail)
    assert isinstance(chat.with_structured_output(Mail, method="function_calling").invoke("You have won"), Mail)
    question = HumanMessage("Weather in Bern?")
    called = chat.bind_tools([weather], tool_choice="weather").invoke([question])
    result = weather.invoke(called.tool_calls[0])
    assert result.content.startswith("Rain in ")
    assert isinstance(chat.invoke([question, called, result]).text, str)

completions = OpenAI(model=model, max_tokens=4, max_retries=0)
assert len(completions.generate(["We the", "Call me"]).generations) == 2
assert "".join(completions.stream("We the")) != ""

# Token ids are of OpenAI's vocabulary unless LangChain is told to send texts.
embeddings = OpenAIEmbeddings(model=encoder, check_embedding_ctx_length=False)
vectors = embeddings.embed_documents(["the boat", "a sailor"])
assert [len(vectors), len(vectors[0])] == [2, len(embeddings.embed_query("the boat"))]

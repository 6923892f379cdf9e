"""Our own package for LangChain: compositions by call and by configuration, forms, tools, streams, labels, vectors, and a flow that switches prompts."""

import asyncio
import json
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Literal

import openai
from langchain_core.messages import HumanMessage, trim_messages
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import ConfigurableField
from langchain_core.tools import tool
from langchain_weft import ChatWeft, WeftClassifier, WeftEmbeddings, composition_text
from langgraph.graph import START, StateGraph
from pydantic import BaseModel
from typing_extensions import TypedDict

from weft import api_key, base_url, classifier, encoder, model, style

connection = {"base_url": base_url, "api_key": api_key, "max_retries": 0}
sampling = {"max_tokens": 12, "temperature": 0}
text = "We the people"


def weft_of(message):
    return message.response_metadata["weft"]


def raises(error, action, **said):
    try:
        action()
    except error as raised:
        assert all(getattr(raised, name) == value for name, value in said.items()), raised
    else:
        raise AssertionError(f"{error.__name__} was expected")


assert composition_text({"base": "b", "adapters": {"a@2": -0.25, "c": 1}, "texts": ['Say "no".']}) == 'b + -0.25*a@2 + c + "Say \\"no\\"."'
numpys = type("float64", (float,), {"__repr__": lambda self: f"np.float64({float(self)!r})"})(0.5)
assert composition_text({"adapters": {"a": numpys, "c": 2}}) == "0.5*a + 2.0*c"
assert [composition_text({}), composition_text({"route": "orator"})] == ["base", "orator"]
for wrong in ({"adapter": {"a": 1}}, {"route": "orator", "texts": ["a"]}, {"adapters": {"a + b": 1}}, {"adapters": {"a": True}}, {"texts": "a"}, 1):
    raises(ValueError, lambda: composition_text(wrong))
    raises(ValueError, lambda: ChatWeft(**connection, composition=wrong))
raises(ValueError, lambda: ChatWeft(**connection, model=style, composition=model))
assert ChatWeft(**connection, model=style).composition == style

# A composition by call, by configuration, and through a chain.
chat = ChatWeft(**connection, **sampling, composition={"base": model})
bare = chat.invoke(text)
assert weft_of(bare)["key"] is None and "expression" not in weft_of(bare)
assert bare.response_metadata["model_provider"] == "weft" and "headers" not in bare.response_metadata
parts = {"base": model, "adapters": {style: 0.5}, "texts": ["Briefly."]}
composed = chat.invoke(text, composition=parts)
by = weft_of(composed)
assert re.fullmatch(r'"Briefly\." \+ 0\.5\*sha256:[0-9a-f]{64}', by["expression"]), by
assert by["key"].startswith("sha256:") and by["virtual_tokens"] > 4 and by["request_id"]
assert composed.usage_metadata["output_tokens"] == 12
chain = ChatPromptTemplate.from_template("{text}") | chat
configured = chain.invoke({"text": text}, {"configurable": {"composition": parts}})
assert [configured.text, weft_of(configured)["key"]] == [composed.text, by["key"]]
by_field = chat.configurable_fields(composition=ConfigurableField(id="voice")).invoke(text, {"configurable": {"voice": parts}})
assert weft_of(by_field)["key"] == by["key"]
routed = chat.invoke(text, composition={"route": "orator"})
assert weft_of(routed)["route"].startswith("orator")
assert len({weft_of(answer)["key"] for answer in chat.bind(composition=f"{model} + {style}").batch(["We the", "Call me"])}) == 1


async def asynchronous():
    message = None
    async for chunk in chat.astream(text, composition=parts):
        message = chunk if message is None else message + chunk
    return message, await chat.ainvoke(text, {"configurable": {"composition": parts}})


message = None
for chunk in chat.stream(text, composition=parts):
    message = chunk if message is None else message + chunk
for streamed in (message, *asyncio.run(asynchronous())):
    assert [streamed.text, weft_of(streamed)["key"], weft_of(streamed)["virtual_tokens"]] == [composed.text, by["key"], by["virtual_tokens"]]
    assert streamed.response_metadata["model_provider"] == "weft" and "headers" not in streamed.response_metadata


class Mail(BaseModel):
    kind: Literal["spam", "ham"]
    urgent: bool


@tool
def weather(city: Literal["Bern", "Rome"]) -> str:
    """Of a city"""
    return f"Rain in {city}."


free = ChatWeft(**connection, composition=f"{model} + {style}", max_tokens=40)
for method in ("json_schema", "function_calling"):
    assert isinstance(free.with_structured_output(Mail, method=method).invoke("You have won"), Mail)
raw = free.with_structured_output(Mail, include_raw=True).invoke("You have won")
assert isinstance(raw["parsed"], Mail) and weft_of(raw["raw"])["key"]
assert set(free.with_structured_output(Mail.model_json_schema()).invoke("You have won")) == {"kind", "urgent"}
# A document that had to be closed early is one all the same.
Note = type("Note", (BaseModel,), {"__annotations__": {"text": str}})
assert isinstance(ChatWeft(**connection, max_tokens=12, temperature=2, seed=1).with_structured_output(Note).invoke("Write a long letter."), Note)
assert free.invoke("Well?", structured_outputs={"choice": ["yes", "no"]}).text in ("yes", "no")
assert free.invoke(text, top_k=1).text == free.invoke(text, temperature=0).text == ChatWeft(**connection, composition=f"{model} + {style}", max_tokens=40, top_k=1).invoke(text).text
question = HumanMessage("Weather in Bern?")
called = free.bind_tools([weather], tool_choice="weather").invoke([question])
result = weather.invoke(called.tool_calls[0])
assert result.content.startswith("Rain in ")
assert isinstance(free.invoke([question, called, result]).text, str)
raises(openai.NotFoundError, lambda: chat.invoke("We", composition="nobody"), code="model_not_found")
raises(openai.NotFoundError, lambda: ChatWeft(**connection, tenant="nobody").invoke("We"), code="tenant_not_found")

# Tokens are counted ahead without OpenAI's vocabulary, which would come from another site.
assert chat.get_num_tokens("My fellow citizens") == 5
trimmed = trim_messages([HumanMessage("a word " * 50), HumanMessage("Well?")], max_tokens=20, token_counter=chat)
assert [message.text for message in trimmed] == ["Well?"]
assert ChatWeft(**connection, custom_get_token_ids=lambda text: [0] * len(text)).get_num_tokens("Well?") == 5

# Labels, and vectors.
kind = WeftClassifier(**connection, composition=classifier)
mails = ["You have won 5 prizes!", HumanMessage("Lunch at 6?")]
assert [label["label"] for label in kind.batch(mails)] == ["spam", "ham"] == [label["label"] for label in asyncio.run(kind.abatch(mails))]
assert abs(sum(kind.invoke(mails[0])["scores"].values()) - 1) < 1e-6
assert kind.edge(lambda mail: mail, at_least=1.1, otherwise="ask")("You have won") == "ask"
assert WeftClassifier(**connection, composition=model, choices=[" sea", " land"]).invoke("The whale swims in the")["label"] in (" sea", " land")
raises(ValueError, lambda: kind.invoke([]))
raises(openai.BadRequestError, lambda: WeftClassifier(**connection, composition=model).invoke("a text"), code="no_classifier")
# One that cannot be read, or is longer than the context, costs the others nothing.
some = [mails[0], [], "word " * 2000, mails[1]]
patient = WeftClassifier(**{**connection, "max_retries": 2}, composition=classifier)
for labels in (patient.batch(some, return_exceptions=True), asyncio.run(patient.abatch(some, return_exceptions=True))):
    assert isinstance(labels[1], ValueError) and isinstance(labels[2], openai.BadRequestError), labels
    assert [labels[0]["label"], labels[3]["label"]] == ["spam", "ham"], labels
for ask in (kind.invoke, lambda text, **more: kind.batch([text], **more), lambda text, **more: asyncio.run(kind.ainvoke(text, **more))):
    raises(TypeError, lambda ask=ask: ask(mails[0], composition=model))
embeddings = WeftEmbeddings(**connection, composition=encoder)
vectors = embeddings.embed_documents(["the boat", "a sailor"])
assert len(vectors) == 2 and abs(sum(value**2 for value in vectors[0]) - 1) < 1e-4
last = WeftEmbeddings(**connection, composition=f"{model} + {style}", pooling="last").embed_query("the boat")
assert last != WeftEmbeddings(**connection, model=f"{model} + {style}", pooling="mean").embed_query("the boat")


# A flow in which a classifier chooses the composition, and a config hands one on to a node.
class Letter(TypedDict, total=False):
    mail: str
    by: str


graph = StateGraph(Letter)
graph.add_node("spam", lambda state: {"by": weft_of(chat.invoke(state["mail"], composition=f"{model} + {style}"))["expression"]})
graph.add_node("ham", lambda state: {"by": weft_of(chat.invoke(state["mail"]))["expression"]})
graph.add_conditional_edges(START, kind.edge(lambda state: state["mail"]))
flow = graph.compile()
kindly = {"configurable": {"composition": {"base": model, "texts": ["Kindly."]}}}
assert re.fullmatch("sha256:[0-9a-f]{64}", flow.invoke({"mail": "You have won 7 prizes!"}, kindly)["by"])
assert flow.invoke({"mail": "Lunch at 8?"}, kindly)["by"] == '"Kindly."'


# An answer that fails after its first byte has the status 200, and is raised by its error all the same.
class Late(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b"\n\n" + json.dumps({"error": {"code": "runner_unavailable", "message": "Away.", "type": "server_error"}}).encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Late)
Thread(target=server.serve_forever, daemon=True).start()
failing = {**connection, "base_url": f"http://127.0.0.1:{server.server_port}"}
late = [ChatWeft(**failing), WeftClassifier(**failing, composition="m")]
for ask in [of.invoke for of in late] + [lambda text, of=of: asyncio.run(of.ainvoke(text)) for of in late] + [WeftEmbeddings(**failing).embed_query]:
    raises(openai.APIStatusError, lambda ask=ask: ask("We"), code="runner_unavailable", status_code=502)
server.shutdown()

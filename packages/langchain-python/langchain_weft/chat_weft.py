"""A chat model that Weft answers, under a composition that each call may choose."""

from collections.abc import AsyncIterator, Iterator, Sequence
from math import ceil
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config
from langchain_core.utils.function_calling import convert_to_openai_function
from langchain_openai.chat_models.base import BaseChatOpenAI
from pydantic import Field, model_validator

from langchain_weft.answered_by import answered_by
from langchain_weft.composition import Checked, composition_text
from langchain_weft.connection import connected
from langchain_weft.errors import composition_twice

# What Weft takes beside OpenAI's parameters, and the answer's form, which OpenAI's package would read with a parser that refuses a cut document.
_IN_THE_BODY = ("top_k", "min_p", "repetition_penalty", "structured_outputs", "response_format")
# Of English, about.
_CHARACTERS_OF_A_TOKEN = 4


class ChatWeft(BaseChatOpenAI):
    """A chat model whose composition stands with the model, with a call, or in a config's `configurable`.

    Example:
        >>> chat = ChatWeft(composition="base + style/speech", max_tokens=60)
        >>> chat.invoke("We the people", composition={"adapters": {"style/speech": 1, "style/whale": 0.5}})
    """

    composition: Checked = "base"
    """What answers: an expression, a route or parts; `base` unless said. `model` is another name for it."""
    model_name: str = Field(default="base", alias="model")
    tenant: str | None = None
    """Which tenant to act on, with a key that may act on any."""
    top_k: int | None = None
    """Likeliest tokens to choose from; 0 keeps all."""
    min_p: float | None = None
    """Least probability of a token to be chosen, as a part of the likeliest one's."""
    repetition_penalty: float | None = None
    """Divides the scores of tokens that were seen; 1 changes nothing."""
    structured_outputs: dict[str, Any] | None = None
    """The form of the answer: `{"json": …}`, `{"regex": …}` or `{"choice": […]}`."""
    stream_usage: bool | None = True
    use_responses_api: Literal[False] = False
    """Chats alone: what answered stands in their headers."""
    include_response_headers: Literal[True] = True

    @model_validator(mode="before")
    @classmethod
    def _of_weft(cls, values: dict[str, Any]) -> dict[str, Any]:
        values = connected(values)
        named = [values.pop(name) for name in ("model", "model_name") if name in values]
        # A class that makes another of this one hands the default on.
        named = [model for model in named if model != "base" or "composition" not in values]
        if named and "composition" in values:
            raise composition_twice(values["composition"], named[0])
        return {**values, "composition": named[0]} if named else values

    @property
    def _default_params(self) -> dict[str, Any]:
        return {**super()._default_params, "model": composition_text(self.composition)}

    @property
    def _llm_type(self) -> str:
        return "weft"

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"openai_api_key": "WEFT_API_KEY"}

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain_weft", "chat_weft"]

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> Any:
        return {**super()._get_ls_params(stop=stop, **kwargs), "ls_provider": "weft", "ls_model_name": self._model_of(kwargs)}

    def invoke(self, input: LanguageModelInput, config: RunnableConfig | None = None, *, stop: list[str] | None = None, **kwargs: Any) -> AIMessage:
        return super().invoke(input, config, stop=stop, **_configured(config, kwargs))

    async def ainvoke(self, input: LanguageModelInput, config: RunnableConfig | None = None, *, stop: list[str] | None = None, **kwargs: Any) -> AIMessage:
        return await super().ainvoke(input, config, stop=stop, **_configured(config, kwargs))

    def stream(self, input: LanguageModelInput, config: RunnableConfig | None = None, *, stop: list[str] | None = None, **kwargs: Any) -> Iterator[Any]:
        yield from super().stream(input, config, stop=stop, **_configured(config, kwargs))

    async def astream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, *, stop: list[str] | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        async for chunk in super().astream(input, config, stop=stop, **_configured(config, kwargs)):
            yield chunk

    def with_structured_output(
        self,
        schema: dict[str, Any] | type | None = None,
        *,
        method: Literal["function_calling", "json_mode", "json_schema"] = "json_schema",
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """As `ChatOpenAI`'s. An answer keeps to its schema whatever is composed, also one that is closed at `max_tokens`."""
        if method != "json_schema" or schema is None:
            return super().with_structured_output(schema, method=method, include_raw=include_raw, strict=strict, **kwargs)
        form = convert_to_openai_function(schema, strict=strict)
        form["schema"] = form.pop("parameters")
        # The parser of JSON reads what the schema forms.
        wanted = {"type": "json_schema", "json_schema": form}
        return super().with_structured_output(schema, method="json_mode", include_raw=include_raw, response_format=wanted, **kwargs)

    def get_num_tokens(self, text: str) -> int:
        """About so many, where LangChain counts ahead, unless `custom_get_token_ids` counts. `ChatOpenAI`'s way fetches OpenAI's vocabulary from another site."""
        count = self.custom_get_token_ids
        return ceil(len(text) / _CHARACTERS_OF_A_TOKEN) if count is None else len(count(text))

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None, **_: Any) -> int:
        """The same of messages, each written out behind its role: `ChatOpenAI` counts those of OpenAI's own models alone."""
        return BaseChatModel.get_num_tokens_from_messages(self, messages, tools)

    def _model_of(self, options: dict[str, Any]) -> str:
        composition = options.get("composition")
        return composition_text(self.composition if composition is None else composition)

    def _get_request_payload(self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any) -> dict:
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        body = {name: getattr(self, name) for name in _IN_THE_BODY if getattr(self, name, None) is not None}
        body.update({name: payload.pop(name) for name in _IN_THE_BODY if name in payload})
        payload.pop("composition", None)
        payload["model"] = self._model_of(kwargs)
        return {**payload, "extra_body": {**(payload.get("extra_body") or {}), **body}} if body else payload

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        return _named(super()._generate(messages, *args, **kwargs))

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        return _named(await super()._agenerate(messages, *args, **kwargs))

    def _convert_chunk_to_generation_chunk(self, chunk: dict, *args: Any) -> ChatGenerationChunk | None:
        """Chunks are added up, texts end to end: each thing that is said of the answer stands in one of them."""
        made = super()._convert_chunk_to_generation_chunk(chunk, *args)
        if made is None:
            return made
        weft = _virtual_tokens(chunk.get("usage"))
        headers = (made.generation_info or {}).pop("headers", None)
        if headers is not None:
            weft = {**answered_by(headers), **weft}
        if weft:
            made.message.response_metadata = {**made.message.response_metadata, "weft": weft}
        if made.message.response_metadata.get("model_provider"):
            made.message.response_metadata["model_provider"] = "weft"
        return made


def _configured(config: RunnableConfig | None, options: dict[str, Any]) -> dict[str, Any]:
    """A config's `configurable` composition is a call's option here, also where a graph hands the config on; what the call itself says comes first."""
    composition = ensure_config(config).get("configurable", {}).get("composition")
    return options if composition is None or options.get("composition") is not None else {**options, "composition": composition}


def _virtual_tokens(usage: Any) -> dict[str, int]:
    """Positions of the composition: rows, texts and prefixes. They are no part of the prompt's tokens."""
    count = (usage or {}).get("virtual_tokens")
    return {} if count is None else {"virtual_tokens": count}


def _named(result: ChatResult) -> ChatResult:
    """The same, where each answer says what made it."""
    output = result.llm_output = {**(result.llm_output or {}), "model_provider": "weft"}
    for generation in result.generations:
        headers = (generation.generation_info or {}).pop("headers", {})
        weft = {**answered_by(headers), **_virtual_tokens(output.get("token_usage"))}
        generation.message.response_metadata = {**generation.message.response_metadata, "model_provider": "weft", "weft": weft}
    return result

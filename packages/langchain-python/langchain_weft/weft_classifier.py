"""Labels of texts, as a step of a chain and as a conditional edge of a graph."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from openai import APIStatusError, AsyncOpenAI, OpenAI
from typing_extensions import TypedDict

from langchain_weft.composition import Composition, composition_text
from langchain_weft.connection import connection_of
from langchain_weft.errors import not_of_one_label
from langchain_weft.input_text import TextInput, input_text
from langchain_weft.late_errors import http_async_client, http_client

# Texts of one request.
_MOST = 256


class Label(TypedDict):
    """A label, and the probability of every label."""

    label: str
    scores: dict[str, float]


class WeftClassifier(Runnable[TextInput, Label]):
    """Labels texts. A list of them (`batch`) is one request for every 256.

    Example:
        >>> spam = WeftClassifier(composition="mail/spam")
        >>> graph.add_conditional_edges("read", spam.edge(lambda state: state["mail"]), {"spam": "drop", "ham": "answer"})
    """

    def __init__(
        self,
        *,
        composition: Composition,
        choices: Sequence[str] | None = None,
        truncate: bool | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        tenant: str | None = None,
        max_retries: int = 2,
    ) -> None:
        """With a classifier's head (`mail/spam`), or any composition and `choices`: labels to choose from by their likelihood after the text."""
        connection = {**connection_of(base_url, api_key, tenant), "max_retries": max_retries}
        self.composition = composition
        self._rest = {name: value for name, value in {"choices": choices, "truncate": truncate}.items() if value is not None}
        self._client = OpenAI(**connection, http_client=http_client())
        self._async_client = AsyncOpenAI(**connection, http_client=http_async_client())

    def invoke(self, input: TextInput, config: RunnableConfig | None = None, **kwargs: Any) -> Label:
        _take_none(kwargs)
        return self._call_with_config(lambda one: self._ask([one])[0], input, config)

    async def ainvoke(self, input: TextInput, config: RunnableConfig | None = None, **kwargs: Any) -> Label:
        _take_none(kwargs)
        async def one(value: TextInput) -> Label:
            return (await self._aask([value]))[0]

        return await self._acall_with_config(one, input, config)

    def batch(
        self, inputs: list[TextInput], config: RunnableConfig | list[RunnableConfig] | None = None, *, return_exceptions: bool = False, **kwargs: Any
    ) -> list[Label]:
        _take_none(kwargs)
        ask: Any = self._ask_each if return_exceptions else self._ask
        return self._batch_with_config(ask, inputs, config, return_exceptions=return_exceptions) if inputs else []

    async def abatch(
        self, inputs: list[TextInput], config: RunnableConfig | list[RunnableConfig] | None = None, *, return_exceptions: bool = False, **kwargs: Any
    ) -> list[Label]:
        _take_none(kwargs)
        ask: Any = self._aask_each if return_exceptions else self._aask
        return await self._abatch_with_config(ask, inputs, config, return_exceptions=return_exceptions) if inputs else []

    def edge(
        self, text: Callable[[Any], TextInput], *, at_least: float | None = None, otherwise: str | None = None
    ) -> Callable[..., str]:
        """For `add_conditional_edges`: the label of what `text` takes out of a graph's state, or `otherwise` where it is less likely than `at_least`."""
        if (at_least is None) != (otherwise is None):
            raise ValueError("at_least (a probability) and otherwise (where an unlikely label leads) are given together.")

        def label_of(state: Any, config: RunnableConfig | None = None) -> str:
            answer = self.invoke(text(state), config)
            unlikely = at_least is not None and answer["scores"][answer["label"]] < at_least
            return otherwise if unlikely and otherwise is not None else answer["label"]

        return label_of

    def _ask(self, inputs: Sequence[TextInput]) -> list[Label]:
        return [label for body in self._bodies(inputs) for label in _labels(self._client.post("/classify", body=body, cast_to=object))]

    async def _aask(self, inputs: Sequence[TextInput]) -> list[Label]:
        return [label for body in self._bodies(inputs) for label in _labels(await self._async_client.post("/classify", body=body, cast_to=object))]

    def _ask_each(self, inputs: Sequence[TextInput]) -> list[Label | Exception]:
        """The same, with an error in the place of each answer that there is not. Of texts that are refused together, each is asked by itself."""
        answers: list[Label | Exception] = []
        for some in _parts(inputs):
            try:
                answers += self._ask(some)
            except Exception as error:
                alone = len(some) == 1 or not _is_of_a_text(error)
                answers += [error for _ in some] if alone else [answer for one in some for answer in self._ask_each([one])]
        return answers

    async def _aask_each(self, inputs: Sequence[TextInput]) -> list[Label | Exception]:
        answers: list[Label | Exception] = []
        for some in _parts(inputs):
            try:
                answers += await self._aask(some)
            except Exception as error:
                alone = len(some) == 1 or not _is_of_a_text(error)
                answers += [error for _ in some] if alone else [answer for one in some for answer in await self._aask_each([one])]
        return answers

    def _bodies(self, inputs: Sequence[TextInput]) -> list[dict[str, Any]]:
        texts = [input_text(one) for one in inputs]
        model = composition_text(self.composition)
        return [{"model": model, "input": some, **self._rest} for some in _parts(texts)]


def _parts(all: Sequence[Any]) -> list[Sequence[Any]]:
    return [all[at : at + _MOST] for at in range(0, len(all), _MOST)]


def _is_of_a_text(error: Exception) -> bool:
    """Whether one of the texts may be at fault, and others not: not where the edge is away, full, or does not take the key."""
    return isinstance(error, ValueError) or isinstance(error, APIStatusError) and error.status_code in (400, 413, 422)


def _take_none(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise TypeError(f"A classifier takes {', '.join(sorted(kwargs))} when it is made, not when it is called. Make another one.")


def _labels(answer: Any) -> list[Label]:
    for result in answer["data"]:
        if "label" not in result:
            raise not_of_one_label(result)
    return [{"label": result["label"], "scores": result["scores"]} for result in answer["data"]]

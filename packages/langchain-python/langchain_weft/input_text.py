"""What is read of an input: a text, or the newest message's."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.prompt_values import PromptValue
from typing_extensions import Union

from langchain_weft.errors import no_text

TextInput = Union[str, BaseMessage, Sequence[BaseMessage], PromptValue]


def input_text(value: TextInput) -> str:
    """Its text.

    Raises:
        ValueError: where there is none.
    """
    if isinstance(value, str):
        return value
    messages: Any = value.to_messages() if isinstance(value, PromptValue) else [value] if isinstance(value, BaseMessage) else value
    if not isinstance(messages, Sequence) or not messages or not isinstance(messages[-1], BaseMessage) or not messages[-1].text:
        raise no_text(value)
    return str(messages[-1].text)

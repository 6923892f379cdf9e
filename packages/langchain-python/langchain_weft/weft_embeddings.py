"""Vectors of texts, of a base model or beneath a composition."""

from typing import Any, Literal

from langchain_openai import OpenAIEmbeddings
from pydantic import model_validator

from langchain_weft.composition import Checked, composition_text
from langchain_weft.connection import connected
from langchain_weft.errors import composition_twice


class WeftEmbeddings(OpenAIEmbeddings):
    """Vectors of length 1.

    Example:
        >>> WeftEmbeddings(composition="base").embed_query("a letter")
    """

    composition: Checked = "base"
    tenant: str | None = None
    """Which tenant to act on, with a key that may act on any."""
    pooling: Literal["mean", "last"] | None = None
    """Whose hidden states make the vector; what the composition was trained to read unless said."""
    truncate: bool | None = None
    """Cuts a text that is longer than the context, which is refused otherwise."""
    # Token ids are of OpenAI's vocabulary: texts are sent.
    check_embedding_ctx_length: bool = False

    @model_validator(mode="before")
    @classmethod
    def _of_weft(cls, values: dict[str, Any]) -> dict[str, Any]:
        if "model" in values:
            values = {**values}
            model = values.pop("model")
            if "composition" in values:
                raise composition_twice(values["composition"], model)
            values["composition"] = model
        return connected(values)

    @property
    def _invocation_params(self) -> dict[str, Any]:
        said = {"pooling": self.pooling, "truncate": self.truncate}
        extra = {name: value for name, value in said.items() if value is not None}
        params = {**super()._invocation_params, "model": composition_text(self.composition)}
        return {**params, "extra_body": {**params.get("extra_body", {}), **extra}} if extra else params

"""What a `model` field can say, and its text."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import PlainValidator
from typing_extensions import TypedDict, Union

from langchain_weft.errors import adapter_name_invalid, composition_invalid


class Route(TypedDict):
    """A route of the edge by its name."""

    route: str


class CompositionParts(TypedDict, total=False):
    """A composition by its parts, in the order in which they act: the base model, adapters, texts."""

    base: str
    """A base model's name; the runner's first when absent."""
    adapters: Mapping[str, float]
    """The strength of each adapter: `{"style/speech": 1, "style/whale@2": 0.5}`."""
    texts: Sequence[str]
    """Texts behind the adapters: `["Answer briefly."]`."""


Composition = Union[str, Route, CompositionParts]

# One adapter, of any version, of one (`@2`, `@sha256:…`), or by an alias (`@prod`).
_ADAPTER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*(@[A-Za-z0-9:_.-]+)?")


def composition_text(composition: Composition) -> str:
    """A composition as the text of a `model` field: `base + style/speech + 0.5*style/whale + "Answer briefly."`.

    Raises:
        ValueError: for a member that is not one, or a name that names no adapter.
    """
    if isinstance(composition, str):
        return composition
    if not isinstance(composition, Mapping):
        raise composition_invalid(composition)
    if "route" in composition:
        if set(composition) != {"route"} or not _is_name(composition["route"]):
            raise composition_invalid(composition)
        return composition["route"]
    base, adapters, texts = (composition.get(name) for name in ("base", "adapters", "texts"))
    if (
        not set(composition) <= {"base", "adapters", "texts"}
        or not (base is None or _is_name(base))
        or not (adapters is None or isinstance(adapters, Mapping) and all(map(_is_strength, adapters.values())))
        or not (texts is None or not isinstance(texts, str) and all(isinstance(text, str) for text in texts))
    ):
        raise composition_invalid(composition)
    terms = [_weighted(name, strength) for name, strength in (adapters or {}).items()]
    terms += [json.dumps(text, ensure_ascii=False) for text in texts or []]
    return " + ".join([base] * (base is not None) + terms) or "base"


def _checked(composition: Any) -> Any:
    composition_text(composition)
    return composition


# Of a field: pydantic would leave out a member that it does not know, and take true for 1.
Checked = Annotated[Composition, PlainValidator(_checked)]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_strength(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf")


def _weighted(name: str, strength: float) -> str:
    if not _ADAPTER.fullmatch(name):
        raise adapter_name_invalid(name)
    # Numbers of other libraries, such as NumPy's, are floats that are spelled otherwise.
    return name if strength == 1 else f"{float(strength)!r}*{name}"

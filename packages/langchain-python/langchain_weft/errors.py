"""Errors of this package. What the edge refuses is raised as `langchain-openai` raises it, with the edge's own `code`."""

from typing import Any


def composition_invalid(composition: Any) -> ValueError:
    return ValueError(
        f"{composition!r} is no composition: expected an expression such as 'base + 0.5*style/whale', {{'route': NAME}}, "
        "or parts: 'base' (a name), 'adapters' (a strength by name) and 'texts' (a list)."
    )


def adapter_name_invalid(name: str) -> ValueError:
    return ValueError(f"{name!r} names no adapter: expected a name such as style/speech, style/speech@2 or style/speech@prod.")


def composition_twice(composition: Any, model: Any) -> ValueError:
    return ValueError(f"composition ({composition!r}) and model ({model!r}) say the same thing: give one of them.")


def api_key_missing() -> ValueError:
    return ValueError("The edge asks for a key. Give one as api_key, or set WEFT_API_KEY; a local start keeps its key in .weft/key.")


def no_text(value: Any) -> ValueError:
    return ValueError(f"There is no text to read in {value!r}: expected a string, a message with a text, or a list of messages that is not empty.")


def not_of_one_label(result: Any) -> ValueError:
    return ValueError(
        f"This head gives no label for a text as a whole, but {', '.join(sorted(set(result) - {'object', 'index'}))}: ask POST /v1/classify for those."
    )

"""What answered, as an answer's headers say it."""

from collections.abc import Mapping
from typing import Any

_HEADERS = {
    "expression": "x-weft-expression",
    "route": "x-weft-route",
    "variant": "x-weft-variant",
    "request_id": "x-request-id",
}


def answered_by(headers: Mapping[str, str]) -> dict[str, Any]:
    """`expression` (canonical, with digests), `key` (None where the base model alone answered), `route`, `variant`, `twin` and `request_id`."""
    said = {name.lower(): value for name, value in headers.items()}
    found: dict[str, Any] = {name: said[header] for name, header in _HEADERS.items() if said.get(header)}
    if said.get("x-weft-twin"):
        found["twin"] = True
    return {**found, "key": said.get("x-weft-composition") or None}

"""Where the edge listens, and as whom to ask it."""

import os
import re
from typing import Any

from pydantic import SecretStr

from langchain_weft.errors import api_key_missing
from langchain_weft.late_errors import http_async_client, http_client


def connection_of(base_url: str | None, api_key: str | SecretStr | None, tenant: str | None) -> dict[str, Any]:
    """What OpenAI's client is made of, with what the environment says filled in: `WEFT_URL` and `WEFT_API_KEY`.

    Raises:
        ValueError: where there is no key.
    """
    url = base_url or os.environ.get("WEFT_URL") or "http://127.0.0.1:8787"
    key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
    key = key or os.environ.get("WEFT_API_KEY")
    if not key:
        raise api_key_missing()
    headers = {} if tenant is None else {"x-weft-tenant": tenant}
    # OpenAI's clients have /v1 at the end of an address.
    return {"base_url": re.sub(r"/(v1/?)?$", "", url) + "/v1", "api_key": key, "default_headers": headers}


def connected(values: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a class over OpenAI's, with its connection; headers and clients of HTTP that are given besides are kept."""
    rest = {**values}
    base_url = rest.pop("base_url", None) or rest.pop("openai_api_base", None)
    api_key = rest.pop("api_key", None) or rest.pop("openai_api_key", None)
    connection = connection_of(base_url, api_key, rest.get("tenant"))
    headers = {**(rest.pop("default_headers", None) or {}), **connection["default_headers"]}
    # A proxy has its own, of which OpenAI's classes take no others.
    if not (rest.get("openai_proxy") or os.environ.get("OPENAI_PROXY")):
        rest["http_client"] = rest.get("http_client") or http_client()
        rest["http_async_client"] = rest.get("http_async_client") or http_async_client()
    return {**rest, **connection, "default_headers": headers}

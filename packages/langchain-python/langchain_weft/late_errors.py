"""Answers that failed after they had begun."""

import json
from typing import Any

import openai

# What the rest of an answer says of its status, where that could not any more.
_STATUSES = {"invalid_request_error": 400, "rate_limit_error": 429}


def http_client() -> Any:
    """An answer that failed after its first byte has the status 200 and the error as its whole body: here it has a status of its error's kind, by which OpenAI's clients raise it."""
    return openai.DefaultHttpxClient(event_hooks={"response": [_tell]})


def http_async_client() -> Any:
    """The same for those that wait."""
    return openai.DefaultAsyncHttpxClient(event_hooks={"response": [_tell_async]})


def _tell(response: Any) -> None:
    if _may_be_late(response):
        response.read()
        response.status_code = _status_of(response.content) or response.status_code


async def _tell_async(response: Any) -> None:
    if _may_be_late(response):
        await response.aread()
        response.status_code = _status_of(response.content) or response.status_code


def _may_be_late(response: Any) -> bool:
    """What is no JSON, such as a stream, comes as it comes."""
    return response.is_success and response.headers.get("content-type", "").startswith("application/json")


def _status_of(content: bytes) -> int | None:
    # A whole answer may be long, and is read once more by who asked.
    if not content.lstrip().startswith(b'{"error"'):
        return None
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    error = answer.pop("error")
    return _STATUSES.get(error.get("type"), 502) if isinstance(error, dict) and not answer else None

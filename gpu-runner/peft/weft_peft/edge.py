"""The edge, as a trainer asks it: over HTTP, with the job's own token."""

import http.client
import json
import math
import threading
import time
import urllib.error
import urllib.request
import uuid

from .errors import Refused, Stopped

# An edge that is started again is there after seconds; one that is rolled out anew, after minutes.
PATIENCE_S = 900
HEARTBEAT_S = 20


class Edge:
    def __init__(self, url: str, job: str, token: str):
        self.base = f"{url.rstrip('/')}/v1/trainer/jobs/{job}"
        self.token = token
        self.stopped = threading.Event()
        self.progress = {"step": 0, "total_steps": 0}
        self.sending = threading.Lock()

    def work(self) -> dict:
        return json.loads(self.ask("GET", ""))

    def rows(self, which: str) -> str:
        return self.ask("GET", f"/{which}").decode("utf-8")

    def report(self, events=(), error=None, **progress) -> None:
        """How far it is, and what happened since. Raises `Stopped` where the edge wants no more."""
        with self.sending:
            self.progress.update(progress)
            body = {**self.progress, "events": list(events), **({"error": error} if error else {})}
            answer = json.loads(self.ask("POST", "/reports", json_of(body), "application/json"))
        if answer["stop"]:
            self.stopped.set()
            raise Stopped()

    def deliver(self, config: bytes, weights: bytes, result: dict) -> None:
        files = {"adapter_config": config, "adapter_model": weights, "result": json_of(result)}
        boundary = uuid.uuid4().hex
        parts = [
            b"".join(
                [
                    f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"; filename="{name}"\r\n'.encode(),
                    b"content-type: application/octet-stream\r\n\r\n",
                    content,
                    b"\r\n",
                ]
            )
            for name, content in files.items()
        ]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        self.ask("PUT", "/result", body, f"multipart/form-data; boundary={boundary}")

    def beat(self) -> None:
        """Reports now and then from a thread of its own, so that a long step is no silence, and a cancellation is heard during it."""

        def beating():
            while not self.stopped.wait(HEARTBEAT_S):
                try:
                    self.report()
                except Exception:  # The trainer's own next report says what is wrong.
                    pass

        threading.Thread(target=beating, daemon=True).start()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str | None = None) -> bytes:
        until = time.monotonic() + PATIENCE_S
        wait = 0.5
        while True:
            request = urllib.request.Request(self.base + path, data=body, method=method)
            request.add_header("authorization", f"Bearer {self.token}")
            request.add_header("user-agent", "weft-peft")
            if kind:
                request.add_header("content-type", kind)
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:
                    return answer.read()
            except urllib.error.HTTPError as error:
                said = error_of(error)
                if said["code"] == "trainer_not_known":
                    self.stopped.set()
                    raise Stopped() from None
                if error.code < 500 and error.code != 429 or time.monotonic() > until:
                    raise Refused(said["code"], said["message"]) from None
            except (OSError, http.client.HTTPException) as error:  # The second where an answer breaks off.
                if time.monotonic() > until:
                    raise Refused("edge_unavailable", f"The edge does not answer at {self.base}: {error}.") from None
            time.sleep(wait)
            wait = min(wait * 2, 15)


def json_of(value) -> bytes:
    """Null in the place of what is no finite number: JSON has no word for it, and what Python writes nobody else reads."""
    return json.dumps(finite(value), allow_nan=False).encode()


def finite(value):
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(each) for name, each in value.items()}
    return [finite(each) for each in value] if isinstance(value, (list, tuple)) else value


def error_of(error: urllib.error.HTTPError) -> dict:
    try:
        said = json.loads(error.read())["error"]
        return {"code": str(said["code"]), "message": str(said["message"])}
    except Exception:
        return {"code": "edge_protocol", "message": f"The edge answered status {error.code} without an error of its own."}

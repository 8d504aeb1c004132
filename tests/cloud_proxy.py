"""An HTTP proxy before an AWS emulator: it records each call, may hold one, and may throttle."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATIENCE_SECONDS = 120.0
"""How long a call is held before the test that forgot it fails."""
_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})
_THROTTLED_XML = (
    b'<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error>'
    b"<Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
    b"<RequestId>0</RequestId></ErrorResponse>"
)
_THROTTLED_JSON = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'


class Lose(StrEnum):
    """What is lost of a call whose caller is killed while it waits."""

    REQUEST = "request"
    """It never reached the provider."""
    ANSWER = "answer"
    """The provider has done it, and nobody heard of it."""


@dataclass(frozen=True)
class Call:
    """One request as it arrived; *text* is its address and body, to find a name in."""

    service: str
    action: str
    text: str
    at: float
    status: int = 0

    @property
    def deletes(self) -> bool:
        """Whether it takes something away."""
        return self.action.startswith(("Delete", "Terminate", "Abort"))


@dataclass
class Held:
    """The first call of an action that mentions a name, kept until it is let go.

    With *after*, the first one since a call of that action was answered.
    """

    service: str
    action: str
    mentions: str
    lose: Lose
    after: str = ""
    arrived: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _dropped: bool = False

    def matches(self, call: Call, answered: list[Call]) -> bool:
        return (
            (call.service, call.action) == (self.service, self.action)
            and self.mentions in call.text
            and (not self.after or any(self._follows(each) for each in answered))
        )

    def _follows(self, earlier: Call) -> bool:
        return earlier.action == self.after and self.mentions in earlier.text

    def go_on(self) -> None:
        """Let it reach whom it was for, and the answer its caller."""
        self._over.set()

    def drop(self) -> None:
        """Its caller is dead: what is lost is lost."""
        self._dropped = True
        self._over.set()

    def waited_out(self) -> bool:
        """Wait until it is let go; whether it goes on."""
        assert self._over.wait(PATIENCE_SECONDS), f"{self} was never let go"
        return not self._dropped


class CloudProxy:
    """Stands between boto3 and an emulator; all that it has seen is in `calls`."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname
        assert parts.port
        self._upstream = (parts.hostname, parts.port)
        self._lock = threading.Lock()
        self._held: list[Held] = []
        self._throttle: Callable[[Call], bool] = lambda _call: False
        self.calls: list[Call] = []
        self.url = ""

    def hold(self, held: Held) -> Held:
        """Keep the next call that it is meant for."""
        with self._lock:
            self._held.append(held)
        return held

    def throttle(self, when: Callable[[Call], bool]) -> None:
        """Answer as AWS does when it is asked too much, for calls of which *when* is true."""
        self._throttle = when

    def made(self, mentions: str = "") -> list[Call]:
        """What was asked so far, that mentions this."""
        with self._lock:
            return [call for call in self.calls if mentions in call.text]

    def forget(self) -> None:
        """Begin a new record."""
        with self._lock:
            self.calls.clear()

    def busiest(self, service: str, seconds: float = 1.0) -> int:
        """The most calls to *service* in any span of so many seconds."""
        times = sorted(call.at for call in self.made() if call.service == service)
        most, first = 0, 0
        for last, at in enumerate(times):
            while at - times[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def counts(self) -> Counter[str]:
        return Counter(f"{call.service}:{call.action}" for call in self.made())

    def answer(self, handler: "_Handler") -> None:
        """Carry one request to the emulator and back, as far as it is let."""
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        call = _read(handler, body)
        if self._throttle(call):
            self._note(call, 429)
            _refuse(handler)
            return
        held = self._holding(call)
        answer = None
        if held is None or held.lose is Lose.ANSWER:
            answer = self._forward(handler, body)
        if held is not None:
            held.arrived.set()
            if not held.waited_out():
                self._note(call, answer[0] if answer else 0)
                handler.close_connection = True
                return
        status, headers, content = answer or self._forward(handler, body)
        self._note(call, status)
        _reply(handler, status, headers, content)

    def _holding(self, call: Call) -> Held | None:
        with self._lock:
            found = next((each for each in self._held if each.matches(call, self.calls)), None)
            if found is not None:
                self._held.remove(found)
            return found

    def _note(self, call: Call, status: int) -> None:
        with self._lock:
            self.calls.append(Call(call.service, call.action, call.text, call.at, status))

    def _forward(
        self, handler: "_Handler", body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(*self._upstream, timeout=30)
        try:
            headers = {k: v for k, v in handler.headers.items() if k.lower() not in _BY_HOP}
            # What was signed; SQS builds its addresses from it too.
            headers["Host"] = handler.headers["host"]
            headers["Content-Length"] = str(len(body))
            connection.request(handler.command, handler.path, body=body, headers=headers)
            answer = connection.getresponse()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in _BY_HOP]
            return answer.status, kept, answer.read()
        except (OSError, HTTPException) as error:
            return 502, [], str(error).encode()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: CloudProxy

    def handle_one_request(self) -> None:
        """A killed process leaves its connection in the middle of a word."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _any(self) -> None:
        self.proxy.answer(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any  # noqa: N815 - http.server looks for these

    def log_message(self, *_args: Any) -> None:
        """Pytest shows what matters."""


def _read(handler: _Handler, body: bytes) -> Call:
    text = body.decode("utf-8", "replace")
    target = handler.headers.get("x-amz-target", "")
    asked = parse_qs(text).get("Action") if not target else None
    if target:
        action = target.rpartition(".")[2]
    elif asked:
        action = asked[0]
    else:
        action = _of_s3(handler.command, handler.path)
    return Call(_service(handler), action, f"{handler.path} {text}", time.monotonic())


def _service(handler: _Handler) -> str:
    """From the scope of the signature: `Credential=key/date/region/service/aws4_request`."""
    _, _, scope = handler.headers.get("authorization", "").partition("Credential=")
    parts = scope.split("/")
    return parts[3] if len(parts) > 3 else ""


_S3_QUESTIONS = {
    "versions": "ListObjectVersions",
    "uploads": "ListMultipartUploads",
    "delete": "DeleteObjects",
    "uploadId": "AbortMultipartUpload",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "location": "GetBucketLocation",
    "list-type": "ListObjectsV2",
}


def _of_s3(method: str, address: str) -> str:
    """S3 names no action: it is told by method, path and query."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query, keep_blank_values=True)
    for question, action in _S3_QUESTIONS.items():
        if question in asked:
            return action
    depth = len([part for part in parts.path.split("/") if part])
    noun = ("Buckets", "Bucket", "Object")[min(depth, 2)]
    return {"GET": "Get", "PUT": "Put", "POST": "Post", "DELETE": "Delete", "HEAD": "Head"}[
        method
    ] + noun


def _refuse(handler: _Handler) -> None:
    if "x-amz-target" in handler.headers:
        kind = [("Content-Type", "application/x-amz-json-1.0")]
        _reply(handler, 400, kind, _THROTTLED_JSON)
    else:
        _reply(handler, 400, [("Content-Type", "text/xml")], _THROTTLED_XML)


def _reply(handler: _Handler, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
    handler.send_response_only(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(content)


@contextmanager
def proxying(upstream: str) -> Iterator[CloudProxy]:
    """A proxy before *upstream*, on a free port of loopback."""
    proxy = CloudProxy(upstream)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            serving.join()

"""OpenFeature's remote evaluation protocol over a real definition file.

What a definition means is decided by OpenFeature's own evaluator for flagd, read anew for each
request: it is the judge of what we wrote, and shares no code with it.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError

_PATH = "/ofrep/v1/evaluate/flags/"


def evaluated(definitions: str, key: str, context: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The protocol's status and answer."""
    core = FlagdCore()
    core.set_flags(definitions)
    attributes = {name: value for name, value in context.items() if name != "targetingKey"}
    asking = EvaluationContext(context.get("targetingKey"), attributes)
    try:
        found = core.resolve_boolean_value(key, default_value=False, ctx=asking)
    except FlagNotFoundError:
        return 404, {"key": key, "errorCode": "FLAG_NOT_FOUND"}
    answer = {"key": key, "reason": str(found.reason), "metadata": dict(found.flag_metadata)}
    if found.variant is not None:
        answer |= {"variant": found.variant, "value": found.value}
    return 200, answer


@contextmanager
def evaluating(definitions: Callable[[], str]) -> Iterator[str]:
    """The address of an endpoint that evaluates what *definitions* returns at each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path.startswith(_PATH), self.path
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = unquote(self.path.removeprefix(_PATH))
            status, answer = evaluated(definitions(), key, asked["context"])
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads along."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

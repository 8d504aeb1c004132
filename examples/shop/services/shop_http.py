"""Serves one version of one service over HTTP/1.1 on loopback, until it is asked to stop."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from shop_counters import CONTENT_TYPE
from shop_order import Order, Rejected, Unserved
from shop_service import NotConfigured, Service, environment

LONGEST_BODY = 16 * 1024
LAST_ANSWERS_SECONDS = 10.0
JSON = "application/json"


class Server(ThreadingHTTPServer):
    """A thread a connection; idle ones stay open, for the proxy in front decides about those."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, service: Service) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.service = service
        self.stopping = False
        self._answering = 0
        self._changed = threading.Condition()

    @contextmanager
    def answering(self) -> Iterator[None]:
        with self._changed:
            self._answering += 1
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    def stop(self) -> None:
        """Take no new connection; each open one is closed with its next answer."""
        self.stopping = True
        self.shutdown()

    def finish(self) -> None:
        """Wait for the answers that are on their way, for a bounded time."""
        self.server_close()
        with self._changed:
            self._changed.wait_for(lambda: self._answering == 0, LAST_ANSWERS_SECONDS)


class Handler(BaseHTTPRequestHandler):
    """One request after the other on a connection that stays open."""

    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one packet
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        pages = {"/healthz": self._health, "/version": self._version, "/metrics": self._metrics}
        with self.server.answering():
            pages.get(self.path, self._nothing_here)()

    def do_POST(self) -> None:
        service = self.server.service
        with self.server.answering():
            try:
                body = self._read_body()
                if self.path != service.path:
                    self._nothing_here()
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                order = Order.from_request(body, headers)
                outcome = service.settle(order)
            except Unserved as error:
                self._refuse(error)
            else:
                self._count(200)
                self._tell(200, {"orderId": order.order_id, **outcome.to_json()})

    def _health(self) -> None:
        service = self.server.service
        told = {**service.identity, "digest": service.digest}
        try:
            service.store.check()
        except Unserved as error:
            self._tell(error.status, {**told, "error": str(error)})
        else:
            self._tell(200, told)

    def _version(self) -> None:
        self._tell(200, self.server.service.identity)

    def _metrics(self) -> None:
        self._send(200, CONTENT_TYPE, self.server.service.counters.exposition().encode())

    def _nothing_here(self) -> None:
        self._tell(404, {"error": f"nothing is served at {self.path}"})

    def _read_body(self) -> bytes:
        """The request's body; a connection whose body was left unread cannot be used again.

        Raises:
            Rejected: its length is not told, or too long.
        """
        length = self.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) <= LONGEST_BODY:
            return self.rfile.read(int(length))
        self.close_connection = True
        raise Rejected(413, f"Content-Length: expected 0 to {LONGEST_BODY}, found {length!r}")

    def _refuse(self, error: Unserved) -> None:
        self._count(error.status)
        if error.status >= 500:
            self.log_error("%s", error)
        self._tell(error.status, {"error": str(error)})

    def _count(self, status: int) -> None:
        self.server.service.counters.add("shop_requests_total", code=str(status))

    def _tell(self, status: int, answer: object) -> None:
        self._send(status, JSON, json.dumps(answer).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("x-shop-version", self.server.service.version.version)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.server.stopping or self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def version_string(self) -> str:
        return "shop"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of each request: the counters do."""


def run(build: Callable[[Path], Service]) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was begun."""
    try:
        service = build(Path(__file__).parent)
        server = Server(int(environment("PORT")), service)
    except (NotConfigured, OSError, ValueError) as error:
        sys.exit(f"cannot start: {error}")

    def stop(*_: object) -> None:
        # From a thread: the server's shutdown waits for the loop that this handler interrupted.
        threading.Thread(target=server.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)
    server.finish()
    service.close()

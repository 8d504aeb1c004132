"""A server on loopback that says what a test tells it to, for what asks a component its health."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Answering:
    """Answers GET with `status` and keeps the paths that were asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.status = 200
        self.paths: list[str] = []


@contextmanager
def answering() -> Iterator[Answering]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.paths.append(self.path)
            self.send_response(told.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """A test has no use for it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        told = Answering(server.server_port)
        serving = threading.Thread(target=server.serve_forever, args=(0.005,))
        serving.start()
        try:
            yield told
        finally:
            server.shutdown()
            serving.join()

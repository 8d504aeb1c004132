"""The page that a browser is sent back to after signing in: on this machine, once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Empty, Queue
from urllib.parse import parse_qsl, urlsplit

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed

_PATH = "/callback"
_PAGE = b"<!doctype html><title>Lockgate</title><p>Done. You may close this page.</p>"


class Answers:
    """What browsers brought to the page."""

    def __init__(self, port: int) -> None:
        self.redirect = f"http://127.0.0.1:{port}{_PATH}"
        self.brought: Queue[dict[str, str]] = Queue(maxsize=8)

    def next(self, within: float) -> dict[str, str]:
        """The parameters of the next answer.

        Raises:
            CommandFailed: nobody signed in within so many seconds.
        """
        try:
            return self.brought.get(timeout=within)
        except Empty:
            raise CommandFailed(
                f"nobody signed in within {within:.0f} s: run the command again", ExitCode.ERROR
            ) from None


@contextmanager
def listening() -> Iterator[Answers]:
    """Serve the page on a free port of loopback until the block ends."""
    with HTTPServer(("127.0.0.1", 0), _Callback) as server:
        answers = Answers(server.server_port)
        server.answers = answers  # type: ignore[attr-defined]  # a handler knows its server alone
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield answers
        finally:
            server.shutdown()
            thread.join()


class _Callback(BaseHTTPRequestHandler):
    # One that connects and says nothing must not keep the others out.
    timeout = 5

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path != _PATH:
            self.send_error(404)
            return
        brought: Queue[dict[str, str]] = self.server.answers.brought  # type: ignore[attr-defined]
        if not brought.full():
            brought.put(dict(parse_qsl(address.query)))
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(_PAGE)))
        # The code is in the address, which must not travel on to another page.
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """The address holds the code: it is printed nowhere."""

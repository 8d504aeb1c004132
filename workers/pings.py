"""One short question to each system that the settings name; each raises when it is not answered.

A ping runs in a thread and ends within a few seconds, so that a start can name what is missing.
"""

import socket
from collections.abc import Callable
from pathlib import Path

import httpx

Ping = Callable[[], None]

_SECONDS = 3.0


def page(client: httpx.Client, url: str) -> Ping:
    """The page answers with a success."""

    def ping() -> None:
        # Streamed: a metrics page may be long, and its first line is enough.
        with client.stream("GET", url, timeout=_SECONDS) as answer:
            answer.raise_for_status()

    return ping


def port(host: str, number: int) -> Ping:
    """Somebody listens there."""

    def ping() -> None:
        socket.create_connection((host, number), timeout=_SECONDS).close()

    return ping


def unix_socket(path: Path) -> Ping:
    """Somebody listens on the socket file."""

    def ping() -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(path))

    return ping

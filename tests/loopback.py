"""What every test of a real process needs: a port for it, and patience with a deadline."""

import socket
import time
from collections.abc import Callable

PATIENCE_SECONDS = 20.0


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(
    holds: Callable[[], bool], what: str = "it", *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Look every 20 ms until the condition holds; fail at the deadline, naming *what*."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)

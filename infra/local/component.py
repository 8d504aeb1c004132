"""What a component of the stack is: its program, what it waits for, when it is healthy."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local.credentials import Credentials
from infra.local.home import Home


@dataclass(frozen=True)
class Site:
    """One stack's directory, ports, credentials, and the folder of the monitoring programs.

    `monitoring` is None where Prometheus and Alertmanager cannot be had; `added` are the
    components that run because somebody asked for them.
    """

    home: Home
    ports: dict[str, int]
    credentials: Credentials
    monitoring: Path | None = None
    added: frozenset[str] = frozenset()

    def url(self, port: str) -> str:
        """The loopback address behind a port's name, as in ports.json."""
        return f"http://127.0.0.1:{self.ports[port]}"


def _nothing(_site: Site) -> None:
    """Most components need no preparation, or no settling."""


def _no_environment(_site: Site) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Component:
    """A program of the stack.

    `prepare` writes what the program reads and runs before it starts; `problem` says in a few
    words why it is not healthy yet, None once it is; without one, running is healthy. `settle`
    then gives it its first contents, again after one of the errors `unsettled`, which mean that
    it is not ready for them yet. All three are harmless when repeated. `needs` are settled
    before `prepare`.
    """

    name: str
    command: Callable[[Site], list[str]]
    problem: Callable[[Site], str | None] | None = None
    needs: tuple[str, ...] = ()
    prepare: Callable[[Site], None] = _nothing
    settle: Callable[[Site], None] = _nothing
    unsettled: tuple[type[Exception], ...] = ()
    environment: Callable[[Site], dict[str, str]] = _no_environment
    directory: Path = Path("/")
    stop_signal: str = "TERM"
    stop_seconds: int = 5

"""What is asked of a running supervisord, over its unix socket."""

import http.client
import socket
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport, UnixStreamHTTPConnection

from workflows.domain.errors import Refused, Unavailable

UP = frozenset({"STARTING", "RUNNING"})
"""States of a process that is there; in BACKOFF it has just exited."""

_ANSWER_SECONDS = 10
_STOPPED_WITHIN = timedelta(seconds=40)
_LOOK_AGAIN_SECONDS = 0.05
_ENDED = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN"})
_ASK_AGAIN = {Faults.SHUTDOWN_STATE, Faults.CANT_REREAD, Faults.STILL_RUNNING}


class _Connection(UnixStreamHTTPConnection):  # type: ignore[misc]  # supervisor has no types
    """As supervisor's own, but a supervisord that hangs does not hang its caller."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_ANSWER_SECONDS)
        self.sock.connect(self.socketfile)


class _Transport(SupervisorTransport):  # type: ignore[misc]  # supervisor has no types
    def __init__(self, control: Path) -> None:
        super().__init__(None, None, f"unix://{control}")
        self._control = control
        self._get_connection = self._open

    def _open(self) -> _Connection:
        connection = _Connection("localhost")
        connection.socketfile = str(self._control)
        return connection


class Supervisord:
    """Starts, stops and lists programs; each call has its own connection, so threads share it."""

    def __init__(self, control: Path) -> None:
        self._control = control

    def states(self) -> dict[str, str]:
        """The state of every program, by name.

        Raises:
            Unavailable: supervisord does not answer.
        """
        with self._asked() as ask:
            return {one["name"]: one["statename"] for one in ask.getAllProcessInfo()}

    def start(self, program: str) -> None:
        """Read the program files anew and run *program* of them; harmless when it runs.

        Raises:
            Unavailable: supervisord does not answer, or could not read its files just now.
            Refused: no file that supervisord includes names the program.
        """
        with self._asked() as ask:
            ask.reloadConfig()
            try:
                ask.addProcessGroup(program)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.ALREADY_ADDED:
                    raise

    def forget(self, program: str, beat: Callable[[], object]) -> None:
        """Stop *program* and drop it; harmless when there is no such program.

        Raises:
            Unavailable: supervisord does not answer, or the program does not stop.
        """
        with self._asked() as ask:
            try:
                ask.stopProcessGroup(program, False)  # noqa: FBT003 - XML-RPC has no keywords
                self._wait_stopped(program, beat)
                ask.removeProcessGroup(program)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.BAD_NAME:
                    raise

    def _wait_stopped(self, program: str, beat: Callable[[], object]) -> None:
        deadline = time.monotonic() + _STOPPED_WITHIN.total_seconds()
        while self.states().get(program, "STOPPED") not in _ENDED:
            beat()
            if time.monotonic() > deadline:
                raise Unavailable(f"program {program} still runs {_STOPPED_WITHIN} after its stop")
            time.sleep(_LOOK_AGAIN_SECONDS)

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        asked = f"supervisord at {self._control}"
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(self._control))
        try:
            with proxy:
                yield proxy.supervisor
        except xmlrpc.client.Fault as fault:
            kind = Unavailable if fault.faultCode in _ASK_AGAIN else Refused
            raise kind(f"{asked}: {fault.faultString}") from fault
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError) as error:
            raise Unavailable(f"{asked}: no answer: {error}") from error

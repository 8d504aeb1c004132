"""The XML-RPC of a supervisord on a unix socket, whose processes are only words."""

import socketserver
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xmlrpc.client import Fault
from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler

from supervisor.xmlrpc import Faults


class WireSupervisord:
    """`states` by program; `described` are the programs of the files that it has read.

    *faults* maps a method to the fault that it answers with; a program that is added comes up
    in the state `comes_up`; a program that is stopped passes through the states of `stopping`.
    """

    def __init__(self, folder: Path) -> None:
        self.control = folder / "s.sock"
        self.include_dir = folder / "conf.d"
        self.include_dir.mkdir()
        self.states: dict[str, str] = {}
        self.described: set[str] = set()
        self.faults: dict[str, tuple[int, str]] = {}
        self.comes_up = "RUNNING"
        self.stopping: list[str] = ["STOPPED"]
        self.asked: list[str] = []

    def _dispatch(self, method: str, parameters: tuple[object, ...]) -> object:
        name = method.removeprefix("supervisor.")
        self.asked.append(name)
        if name in self.faults:
            raise Fault(*self.faults[name])
        return getattr(self, f"_{name}")(*parameters)

    def _getAllProcessInfo(self) -> list[dict[str, str]]:  # noqa: N802 - as supervisord says
        shown = [{"name": name, "statename": state} for name, state in self.states.items()]
        for name, state in self.states.items():
            if state == "STOPPING" and self.stopping:
                self.states[name] = self.stopping.pop(0)
        return shown

    def _reloadConfig(self) -> bool:  # noqa: N802 - as supervisord says
        self.described = {file.stem for file in self.include_dir.glob("*.conf")}
        return True

    def _addProcessGroup(self, name: str) -> bool:  # noqa: N802 - as supervisord says
        if name in self.states:
            raise Fault(Faults.ALREADY_ADDED, f"ALREADY_ADDED: {name}")
        if name not in self.described:
            raise Fault(Faults.BAD_NAME, f"BAD_NAME: {name}")
        self.states[name] = self.comes_up
        return True

    def _stopProcessGroup(self, name: str, wait: bool) -> list[str]:  # noqa: N802 - as above
        assert wait is False, "the caller would be silent while a program ends"
        if name not in self.states:
            raise Fault(Faults.BAD_NAME, f"BAD_NAME: {name}")
        self.states[name] = "STOPPING"
        return []

    def _removeProcessGroup(self, name: str) -> bool:  # noqa: N802 - as supervisord says
        if self.states[name] not in {"STOPPED", "EXITED", "FATAL"}:
            raise Fault(Faults.STILL_RUNNING, f"STILL_RUNNING: {name}")
        del self.states[name]
        return True


class _Handler(SimpleXMLRPCRequestHandler):
    disable_nagle_algorithm = False  # a unix socket knows none

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        """A test has no use for it."""


class _Wire(socketserver.UnixStreamServer, SimpleXMLRPCDispatcher):
    logRequests = False  # noqa: N815 - as xmlrpc.server says

    def __init__(self, answering: WireSupervisord) -> None:
        SimpleXMLRPCDispatcher.__init__(self)
        socketserver.UnixStreamServer.__init__(self, str(answering.control), _Handler)
        self.register_instance(answering)


@contextmanager
def answering_supervisord() -> Iterator[WireSupervisord]:
    """In a folder of its own, since a socket's path must be short."""
    with tempfile.TemporaryDirectory(prefix="wire-") as folder:
        supervisord = WireSupervisord(Path(folder))
        with _Wire(supervisord) as wire:
            thread = threading.Thread(target=wire.serve_forever, args=(0.005,), daemon=True)
            thread.start()
            try:
                yield supervisord
            finally:
                wire.shutdown()
                thread.join()

"""Which processes belong to a stack: they carry its directory in their environment."""

import os
import signal
import time
from pathlib import Path

from infra.local.home import Home

# Set once for supervisord and inherited by all it starts, the shop's versions included; it stays
# readable after a kill -9 of supervisord, when no pid file can be trusted any more.
STACK_VARIABLE = "LOCKGATE_STACK"

_POLITE_SECONDS = 2.0
_DEADLINE_SECONDS = 5.0


def of_stack(home: Home) -> list[int]:
    """Pids of the living processes of this stack, whoever their parent is now."""
    mark = os.fsencode(f"{STACK_VARIABLE}={home.root}")
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit()
        and int(entry.name) != os.getpid()
        and (_carries(entry, mark) or _serves(entry, home.data("postgres")))
    ]


def command_line(pid: int) -> str:
    """The program and arguments of a process; empty once it has gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def end_leftovers(home: Home) -> list[int]:
    """Stop what still runs of this stack: asked first, then killed. Answers who survived both."""
    started = time.monotonic()
    _signal(of_stack(home), signal.SIGTERM)
    while left := of_stack(home):
        elapsed = time.monotonic() - started
        if elapsed > _DEADLINE_SECONDS:
            break
        if elapsed > _POLITE_SECONDS:
            _signal(left, signal.SIGKILL)
        time.sleep(0.05)
    return left


def _carries(entry: Path, mark: bytes) -> bool:
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another person's
        return False


def _serves(entry: Path, cluster: Path) -> bool:
    """Whether it is the stack's PostgreSQL, whose environment a container's root may not read."""
    try:
        arguments = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return arguments[0].endswith(b"/postgres") and os.fsencode(cluster) in arguments


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue

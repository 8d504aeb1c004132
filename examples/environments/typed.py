"""Lockgate's command line as the demo types it, and what must be true of its answers."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# As a person in this folder would type it.
HERE = Path(os.path.relpath(Path(__file__).parent))
CATALOG = str(HERE / "catalog")
LOCKGATE = str(Path(sys.executable).with_name("lockgate"))
PATIENCE_SECONDS = 90.0
LOOK_EVERY_SECONDS = 0.5


class DemoFailed(Exception):
    """The demo did not go as it must; the message says where."""


def lockgate(*words: str, code: int | None = 0) -> str:
    """Run one command unseen; its output. *code* is how it must end, None for anyhow."""
    done = subprocess.run([LOCKGATE, *words], capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    if code is not None and done.returncode != code:
        said = done.stderr.strip() or done.stdout.strip()
        raise DemoFailed(f"lockgate {' '.join(words)}: exit {done.returncode}, not {code}: {said}")
    return done.stdout or done.stderr


def typed(*words: str, code: int = 0) -> str:
    """Run one command on the screen, as a person types it, with what it answers."""
    spoken = " ".join(f"'{word}'" if " " in word else word for word in words)
    print(f"  $ lockgate {spoken}", flush=True)
    said = lockgate(*words, code=code)
    for line in said.rstrip().splitlines():
        print(f"      {line}".rstrip(), flush=True)
    return said


def view(name: str) -> dict[str, Any]:
    """Where an environment stands."""
    shown = lockgate("env", "show", name, "-o", "json", code=None)
    try:
        found: dict[str, Any] = json.loads(shown)
    except ValueError:
        raise DemoFailed(f"lockgate env show {name}: {shown.strip()}") from None
    return found


def until(what: str, holds: Callable[[], bool]) -> None:
    """Wait for it, and say so.

    Raises:
        DemoFailed: it does not come true in time.
    """
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise DemoFailed(f"waited {PATIENCE_SECONDS:.0f} s in vain: {what}")
        time.sleep(LOOK_EVERY_SECONDS)
    print(f"  after {time.monotonic() - began:4.1f} s: {what}", flush=True)


def becomes(name: str, phase: str) -> dict[str, Any]:
    """Wait until an environment is in that phase; where it stands then."""
    until(f"{name} is {phase}", lambda: view(name)["phase"] == phase)
    return view(name)


def proves(what: str, *, holds: bool) -> None:
    """Say what the demo has shown.

    Raises:
        DemoFailed: it has not.
    """
    if not holds:
        raise DemoFailed(f"it is not so: {what}")
    print(f"  -> {what}", flush=True)

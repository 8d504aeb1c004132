"""Files that several processes change: replaced whole, one writer at a time."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from workflows.domain.errors import Unavailable

_LOOK_AGAIN_SECONDS = 0.02


def replace_file(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Write *path* by renaming over it, so that no reader sees half of it."""
    raw = content.encode() if isinstance(content, str) else content
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def one_at_a_time(lock: Path, *, within: timedelta) -> Iterator[None]:
    """Hold *lock* against every other thread and process; the kernel frees it when we die.

    Raises:
        Unavailable: somebody else held it all the time.
    """
    deadline = time.monotonic() + within.total_seconds()
    with lock.open("a") as file:
        while not _taken(file.fileno()):
            if time.monotonic() > deadline:
                raise Unavailable(f"{lock}: another change was still at work after {within}")
            time.sleep(_LOOK_AGAIN_SECONDS)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

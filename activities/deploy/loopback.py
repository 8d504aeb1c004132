"""A loopback port for each version, kept as long as the version is installed."""

import json
import random
import socket
from datetime import timedelta
from pathlib import Path

from activities.files import one_at_a_time, replace_file
from workflows.domain.errors import Unavailable

# Below the ports that Linux gives to outgoing connections, so that none of those takes one
# between the choice and the bind; above those that the local stack chooses for itself.
_RANGE = range(30000, 32768)
_LOCKED_WITHIN = timedelta(seconds=5)


class LoopbackPorts:
    """The table `ports.json` of one work folder, shared by all worker processes."""

    def __init__(self, work_dir: Path) -> None:
        self._table = work_dir / "ports.json"
        self._lock = work_dir / "locks" / "ports.lock"

    def take(self, arm: str) -> int:
        """The port that *arm* has, if nobody else listens on it, or else a free one.

        Raises:
            Unavailable: no port is free.
        """
        with one_at_a_time(self._lock, within=_LOCKED_WITHIN):
            taken = self._read()
            if arm not in taken or not _is_free(taken[arm]):
                others = {port for name, port in taken.items() if name != arm}
                taken[arm] = _choose(others)
                replace_file(self._table, json.dumps(taken, indent=1))
        return taken[arm]

    def release(self, arm: str) -> None:
        with one_at_a_time(self._lock, within=_LOCKED_WITHIN):
            taken = self._read()
            if taken.pop(arm, None) is not None:
                replace_file(self._table, json.dumps(taken, indent=1))

    def _read(self) -> dict[str, int]:
        if not self._table.exists():
            return {}
        taken: dict[str, int] = json.loads(self._table.read_bytes())
        return taken


def _choose(taken: set[int]) -> int:
    # At random, since two platforms on one machine keep tables of their own.
    for port in random.sample(_RANGE, len(_RANGE)):
        if port not in taken and _is_free(port):
            return port
    raise Unavailable(f"no free loopback port between {_RANGE.start} and {_RANGE.stop - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""Clients whose keys come from the vault, and are looked up anew from time to time."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

FRESH_FOR = timedelta(minutes=5)

Keys = Callable[[], Mapping[str, str]]
"""Reads `access_key` and `secret_key`; empty for the environment's own credentials."""

MakeClient = Callable[[Mapping[str, str]], Any]


@dataclass
class Renewed:
    """Answers with a client that holds the newest keys; safe to share between threads.

    The keys are read again when they are older than *FRESH_FOR*, so that rotating them in the
    vault needs no restart; the client is replaced only when they did change.
    """

    keys: Keys = field(repr=False)
    make: MakeClient = field(repr=False)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._turn = threading.Lock()
        self._client: Any = None
        self._held: Mapping[str, str] | None = None
        self._read_at = 0.0

    def __call__(self) -> Any:
        with self._turn:
            age = self.clock() - self._read_at
            if self._held is None or age >= FRESH_FOR.total_seconds():
                keys = self.keys()
                if keys != self._held:
                    self._client, self._held = self.make(keys), keys
                self._read_at = self.clock()
            return self._client

"""Keeps a few connections open for reuse, and replaces those that died while nobody looked."""

from collections import deque
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    def close(self) -> None: ...


Connection = TypeVar("Connection", bound=Closable)
Result = TypeVar("Result")


class Pool(Generic[Connection]):
    """At most `size` connections at once; the one used last is used first."""

    def __init__(
        self,
        *,
        connect: Callable[[], Connection],
        broken: tuple[type[Exception], ...],
        size: int,
    ) -> None:
        self._connect = connect
        self._broken = broken
        self._room = BoundedSemaphore(size)
        self._kept: deque[Connection] = deque()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do *work* on a connection, waiting for one if all are taken.

        *work* must be safe to repeat: when a kept connection turns out to be broken, it is done
        once more on a new one. The other kept ones are closed then, for whatever restarted at the
        far end took them along.
        """
        with self._room:
            if kept := self._take():
                try:
                    return self._use(kept, work)
                except self._broken:
                    self.close()
            return self._use(self._connect(), work)

    def close(self) -> None:
        while kept := self._take():
            kept.close()

    def _take(self) -> Connection | None:
        try:
            return self._kept.pop()
        except IndexError:
            return None

    def _use(self, connection: Connection, work: Callable[[Connection], Result]) -> Result:
        try:
            result = work(connection)
        except BaseException:
            connection.close()
            raise
        self._kept.append(connection)
        return result

"""The heartbeat of a check: tells Temporal that it goes on, keeps its login, notices its end."""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

from temporalio import activity
from temporalio.exceptions import CancelledError

from activities.databases.place import Login, Session
from workflows.domain.errors import Unavailable

EVERY = timedelta(seconds=3)


class Pulse:
    """Beats in a thread of its own while the activity's thread waits for a query.

    Once the activity is cancelled or its login lost, the running query is interrupted, and
    `check` raises.
    """

    def __init__(self, every: timedelta = EVERY) -> None:
        self._every = every.total_seconds()
        self._ended = threading.Event()
        self._turn = threading.Lock()
        self._kept: tuple[Login, Session] | None = None
        self._lost: Unavailable | None = None
        # The activity's context tells Temporal whose heartbeat it is.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._beat,), name="pulse", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @contextmanager
    def keeping(self, login: Login, session: Session) -> Iterator[None]:
        """Renew *login* with each beat; interrupt *session* when the work must end."""
        with self._turn:
            self._kept = (login, session)
        try:
            yield
        finally:
            with self._turn:
                self._kept = None

    def check(self) -> None:
        """Go on only where there is a reason to.

        Raises:
            CancelledError: the activity was cancelled.
            Unavailable: the login was lost.
        """
        if activity.is_cancelled():
            raise CancelledError
        if self._lost is not None:
            raise self._lost

    def _beat(self) -> None:
        while True:
            activity.heartbeat()
            with self._turn:
                self._look_after()
            if self._ended.wait(self._every):
                return

    def _look_after(self) -> None:
        if self._kept is None:
            return
        login, session = self._kept
        try:
            login.renew()
        except Unavailable as error:
            self._lost = error
        if self._lost is not None or activity.is_cancelled():
            session.interrupt()

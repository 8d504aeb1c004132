"""How a long activity waits, tells that it lives, and goes on where a killed one was."""

import time
from contextvars import ContextVar
from typing import Protocol, TypeVar

from temporalio import activity
from temporalio.exceptions import CancelledError

from workflows.domain.errors import HandedOver
from workflows.domain.values import Value

ValueT = TypeVar("ValueT", bound=Value)

_BEAT_SECONDS = 1.0


class Pace(Protocol):
    """Time, as an activity that lasts for hours needs it."""

    def now(self) -> float:
        """Seconds of the epoch."""

    def wait(self, seconds: float) -> None:
        """Let *seconds* pass, and say meanwhile that the activity lives.

        Raises:
            CancelledError: the story needs it no more.
            HandedOver: this worker stops; another one goes on from the last `beat`.
        """

    def beat(self, state: Value) -> None:
        """Keep *state* for a successor."""

    def kept(self, kind: type[ValueT]) -> ValueT | None:
        """What a predecessor kept, if there was one."""


class ActivityPace:
    """The pace of one run of an activity, in whose thread it is used."""

    def __init__(self) -> None:
        self._state: Value | None = None
        self._beaten_at = time.monotonic()
        _running.set(self)

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            activity.wait_for_cancelled_sync(max(0.0, min(left, _BEAT_SECONDS)))
            if activity.is_cancelled():
                raise CancelledError("no longer needed")
            if activity.is_worker_shutdown():
                raise HandedOver("this worker stops; another one goes on where it was")
            # Also after many short waits, which are one long one to whoever listens.
            if time.monotonic() - self._beaten_at >= _BEAT_SECONDS:
                self._heartbeat()
            if left <= _BEAT_SECONDS:
                return

    def beat(self, state: Value) -> None:
        self._state = state
        self._heartbeat()

    def kept(self, kind: type[ValueT]) -> ValueT | None:
        details = activity.info().heartbeat_details
        if not details:
            return None
        kept = kind.model_validate(details[0])
        self._state = kept
        return kept

    def _heartbeat(self) -> None:
        """Say again what is kept: a heartbeat without it would forget it."""
        self._beaten_at = time.monotonic()
        if self._state is None:
            activity.heartbeat()
        else:
            activity.heartbeat(self._state)


# The SDK runs each activity in a context of its own.
_running: ContextVar[ActivityPace | None] = ContextVar("_running", default=None)


def let_pass(seconds: float) -> None:
    """Wait as the activity does in whose thread this is, or just wait where there is none.

    For what waits deep below an activity, such as a client of an API: its signs of life keep what
    the activity keeps for a successor.

    Raises:
        CancelledError: see Pace.wait.
        HandedOver: see Pace.wait.
    """
    if activity.in_activity():
        (_running.get() or ActivityPace()).wait(seconds)
    else:
        time.sleep(seconds)

"""AlertsPort: holds silences for as long as a promotion lasts, with open eyes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

import structlog
from pydantic import ValidationError
from temporalio import activity

from activities.alerts.manager import AlertManager
from activities.alerts.mask import Held, Mask, lift
from workflows.domain.errors import Unavailable
from workflows.domain.values import Provider
from workflows.ports.alerts import (
    AlertsPort,
    BeginSilences,
    BegunSilences,
    HoldSilences,
    LiftedSilences,
    LiftSilences,
    MaskedAlerts,
)

log = structlog.get_logger(__name__)

_BEAT_EVERY = timedelta(seconds=1)
"""A cancel comes with the answer to a heartbeat, and a short silence must not outlive one."""


_TRIES = 5
"""So often it is tried to end silences that end by themselves within a minute."""


class Ending(Enum):
    """Why a wait was cut short."""

    CANCELLED = auto()
    """Nobody waits for it any more: the promotion ended, or its story is gone."""
    HANDED_OVER = auto()
    """This attempt ends, and another one goes on: the silences stay for it."""


def now() -> datetime:
    return datetime.now(UTC)


def wait(span: timedelta) -> Ending | None:
    """Wait so long, or until told to end."""
    activity.wait_for_cancelled_sync(span)
    if activity.is_cancelled():
        said = activity.cancellation_details()
        if said is None or said.cancel_requested or said.not_found:
            return Ending.CANCELLED
        return Ending.HANDED_OVER
    return Ending.HANDED_OVER if activity.is_worker_shutdown() else None


def left_by_last_attempt() -> Held:
    """What the attempt before this one told with its last heartbeat."""
    details = activity.info().heartbeat_details
    try:
        return Held.model_validate(details[0]) if details else Held()
    except ValidationError:
        return Held()


def attempt() -> int:
    """The number of this try, from 1."""
    return activity.info().attempt


def _unheard(_held: Held) -> None:
    """What lasts a moment has no need to say that it lives."""


class AlertsActivities(AlertsPort):
    """Hands each ask to its alert manager; everything else is Temporal's, and time."""

    def __init__(
        self,
        manager_for: Callable[[Provider], AlertManager],
        *,
        beat: Callable[[Held], object] = activity.heartbeat,
        left: Callable[[], Held] = left_by_last_attempt,
        clock: Callable[[], datetime] = now,
        wait: Callable[[timedelta], Ending | None] = wait,
        attempt: Callable[[], int] = attempt,
    ) -> None:
        self._manager_for = manager_for
        self._beat = beat
        self._left = left
        self._clock = clock
        self._wait = wait
        self._attempt = attempt

    def begin_silences(self, ask: BeginSilences) -> BegunSilences:
        held = HoldSilences(
            target=ask.target, masking=ask.masking, release=ask.release, ends_after=ask.ends_after
        )
        mask = Mask(self._manager_for(ask.masking.provider), held, Held(), beat=_unheard)
        mask.begin(self._clock())
        return BegunSilences(silences=len(mask.held.silences))

    # A cancel is looked for, not thrown into whatever the thread is doing.
    @activity.defn(no_thread_cancel_exception=True)
    def hold_silences(self, ask: HoldSilences) -> MaskedAlerts:
        manager = self._manager_for(ask.masking.provider)
        mask = Mask(manager, ask, self._left(), beat=self._beat)
        mask.begin(self._clock())
        while (ending := self._rest(ask.every, mask)) is None:
            self._tend(mask)
        if ending is Ending.HANDED_OVER:
            raise Unavailable(f"{ask}: this worker stops; the next attempt goes on")
        report = mask.end(self._clock())
        log.info("alerts_heard_again", target=str(ask.target), report=str(report))
        return report

    def lift_silences(self, ask: LiftSilences) -> LiftedSilences:
        manager = self._manager_for(ask.provider)
        try:
            lifted = lift(manager, ask.release, ask.target)
        except Unavailable as error:
            if self._attempt() < _TRIES:
                raise
            log.warning("silences_left", release=ask.release, reason=str(error))
            return LiftedSilences(silences=0, left=f"what is left ends by itself: {error}")
        log.info("silences_lifted", release=ask.release, silences=lifted)
        return LiftedSilences(silences=lifted)

    def _tend(self, mask: Mask) -> None:
        """Look, then extend: a silence under which nobody can look is not extended."""
        try:
            mask.look(self._clock())
            mask.extend(self._clock())
        except Unavailable as error:
            log.warning("silences_not_tended", reason=str(error))

    def _rest(self, span: timedelta, mask: Mask) -> Ending | None:
        """Wait for *span*, with a heartbeat at least every second."""
        while span > timedelta(0):
            mask.beat()
            nap = min(span, _BEAT_EVERY)
            if (ending := self._wait(nap)) is not None:
                return ending
            span -= nap
        return None

"""Silencing the alerts that a shift is expected to raise, without going blind for them."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.values import Provider, Target, Value
from workflows.domain.watching.silences import MaskedAlert, Masking
from workflows.ports.base import Message, Port, limited

_LONGEST = timedelta(days=30)
"""A pause without an end may last for weeks; somebody who forgot it is not silenced for ever."""


class BeginSilences(Message):
    """Silence the expected alerts of *target*'s new version, for as long as `ends_after`."""

    target: Target
    masking: Masking
    release: str
    ends_after: timedelta = timedelta(seconds=60)

    def __str__(self) -> str:
        expected = ", ".join(rule.alertname for rule in self.masking.rules)
        return f"begin to silence {expected} of {self.masking.arm}"


class BegunSilences(Value):
    """How many silences there are now."""

    silences: int

    def __str__(self) -> str:
        return f"{self.silences} silences"


class HoldSilences(Message):
    """Keep the expected alerts of *target*'s new version silent until cancelled.

    A silence ends by itself after `ends_after` unless it is extended; the masked alerts are
    looked at `every` so often.
    """

    target: Target
    masking: Masking
    release: str
    ends_after: timedelta = timedelta(seconds=60)
    every: timedelta = timedelta(seconds=5)

    def __str__(self) -> str:
        expected = ", ".join(rule.alertname for rule in self.masking.rules)
        return f"silence {expected} of {self.masking.arm} in {self.target.environment}"


class MaskedAlerts(Value):
    """What was masked, and what of it was raised again; *left* says what still silences."""

    alerts: tuple[MaskedAlert, ...] = ()
    left: str = ""

    def __str__(self) -> str:
        again = [one for one in self.alerts if one.unmasked]
        said = f"{len(self.alerts)} alerts masked, {len(again)} of them raised again"
        why = "".join(f"; {one.alertname}: {one.unmasked}" for one in again[:5])
        return said + why + (f"; {self.left}" if self.left else "")


class LiftSilences(Message):
    """End every silence that *release* holds for *target*, or for all its targets."""

    provider: Provider
    release: str
    target: Target | None = None

    def __str__(self) -> str:
        return f"end the silences of {self.target or 'the release'}"


class LiftedSilences(Value):
    """How many silences were ended; *left* says what ends by itself instead."""

    silences: int
    left: str = ""

    def __str__(self) -> str:
        return f"{self.silences} silences ended" + (f"; {self.left}" if self.left else "")


class AlertsPort(Port):
    queue = Queue.ALERTS

    @limited(attempt=timedelta(seconds=10), total=timedelta(seconds=10))
    @abstractmethod
    def begin_silences(self, ask: BeginSilences) -> BegunSilences:
        """Silence before the first shift; `hold_silences` finds the silences and extends them.

        Short, since no release waits long for an alert manager that does not answer.

        Raises:
            TargetMissing: no such alert manager; not retried.
            Refused: the alert manager takes no such silence, or a query is none; not retried.
            Unavailable: the alert manager does not answer; retried within the limits.
        """

    @limited(attempt=_LONGEST, total=_LONGEST, heartbeat=timedelta(seconds=5))
    @abstractmethod
    def hold_silences(self, ask: HoldSilences) -> MaskedAlerts:
        """Silence, extend, and look at what is masked, until it is cancelled; see HoldSilences.

        A masked alert that is larger than expected, of unknown size, or lasts longer than its
        window is raised again as one that pages. Being cancelled is its ordinary end: it ends its
        silences and returns the report. Where it dies, they end by themselves; another attempt
        finds them and goes on.

        Raises:
            TargetMissing: no such alert manager; not retried.
            Refused: the alert manager takes no such silence, or a query is none; not retried.
            Unavailable: the alert manager does not answer at the start, or the worker is shut
                down; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=10))
    @abstractmethod
    def lift_silences(self, ask: LiftSilences) -> LiftedSilences:
        """End the silences of a release; the undo of holding them, and safe where there are none.

        An alert manager that does not answer holds no rollback up: after some tries the answer
        says that what silences still ends by itself, which a silence that nobody extends does.

        Raises:
            TargetMissing: no such alert manager; not retried.
            Unavailable: the alert manager does not answer; retried a few times.
        """

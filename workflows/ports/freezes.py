"""Freezes that people declare: kept in the ledger, lifted, and read before every step."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.audit import Moment
from workflows.domain.calendar.windows import Freeze
from workflows.domain.names import Queue
from workflows.domain.values import Value
from workflows.ports.base import Message, Port, limited


class DeclareFreeze(Message):
    """Keep a freeze that somebody declares."""

    freeze: Freeze

    def __str__(self) -> str:
        return f"declare the freeze {self.freeze.name} over {self.freeze.scope}"


class LiftFreeze(Message):
    """End the freeze of this name that is on, or is to come."""

    name: str
    by: str
    reason: str
    at: Moment

    def __str__(self) -> str:
        return f"lift the freeze {self.name}"


class ReadFreezes(Message):
    """Read the freezes that are on at *at* or later; with *past*, also the newest of the rest."""

    at: Moment
    past: bool = False

    def __str__(self) -> str:
        return f"read the freezes from {self.at:%Y-%m-%d %H:%MZ} on"


class Freezes(Value):
    """Freezes, by their start; those that are lifted only where the past was asked for."""

    freezes: tuple[Freeze, ...] = ()


class FreezesPort(Port):
    queue = Queue.AUDIT

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2))
    @abstractmethod
    def declare_freeze(self, ask: DeclareFreeze) -> Freeze:
        """Keep the freeze and record it in the chain `calendar`; told twice, it is kept once.

        Raises:
            Refused: another freeze of this name is on or is to come; not retried.
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2))
    @abstractmethod
    def lift_freeze(self, ask: LiftFreeze) -> Freeze:
        """Lift it and record that; one that is lifted already stays as it was first lifted.

        Raises:
            TargetMissing: there never was a freeze of this name; not retried.
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(
        attempt=timedelta(seconds=20), total=timedelta(minutes=5), recorded=False, awaited=False
    )
    @abstractmethod
    def read_freezes(self, ask: ReadFreezes) -> Freezes:
        """What is declared, oldest start first.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

"""What an alert manager must be able to do; one module beside this one per kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple, Protocol

from workflows.domain.watching.silences import FiringAlert, Matcher


class Silence(NamedTuple):
    """What mutes alerts that meet all *matchers*, from start to end; *id* is None before it is.

    *created_by* says whose it is, in a form that its owner finds again.
    """

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    id: str | None = None


class AlertManager(Protocol):
    """Takes alerts and tells people of them, but for those that are silenced."""

    type: ClassVar[str]

    def put(self, silence: Silence) -> str:
        """Create *silence*, or change the one of its id; the id that it has from now on.

        Raises:
            Unavailable: the alert manager does not answer.
            Refused: it takes no such silence.
        """
        ...

    def silences(self) -> tuple[Silence, ...]:
        """Those that mute now or will, whoever made them.

        Raises:
            Unavailable: the alert manager does not answer.
        """
        ...

    def expire(self, silence: str) -> None:
        """End the silence of this id now; one that has ended, or never was, is fine.

        Raises:
            Unavailable: the alert manager does not answer.
        """
        ...

    def silenced(self, about: Sequence[Matcher]) -> tuple[FiringAlert, ...]:
        """The firing alerts that meet all of *about* and that some silence mutes.

        Raises:
            Unavailable: the alert manager does not answer.
        """
        ...

    def fire(
        self,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        *,
        starts_at: datetime,
        ends_at: datetime,
    ) -> None:
        """Raise an alert of these labels, which resolves by itself at its end; repeating is fine.

        Raises:
            Unavailable: the alert manager does not answer.
        """
        ...

    def measure(self, query: str) -> float | None:
        """The largest value of a query now; None where it has none.

        Raises:
            Unavailable: what is asked does not answer.
            Refused: it is no query, or nobody is there who could be asked.
        """
        ...

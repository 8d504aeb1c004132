"""An alert manager held in memory, and the rules of AlertsActivities over it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar

from temporalio import activity

from activities.alerts.activities import AlertsActivities, now
from activities.alerts.manager import Silence
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.values import Provider
from workflows.domain.watching.silences import FiringAlert, Matcher
from workflows.ports.alerts import (
    BeginSilences,
    BegunSilences,
    HoldSilences,
    LiftedSilences,
    LiftSilences,
    MaskedAlerts,
)

Labels = tuple[tuple[str, str], ...]


class FakeAlertManager:
    """Mutes and pages as Alertmanager does; while `down` it does not answer.

    `sizes` are what queries measure, `paged` the alerts that somebody was told of, each once.
    """

    type: ClassVar[str] = "fake"

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self._ids = count(1)
        self._silences: dict[str, Silence] = {}
        self._firing: dict[Labels, tuple[FiringAlert, datetime]] = {}
        self._paged: dict[Labels, dict[str, str]] = {}
        self.down = False
        self.sizes: dict[str, float] = {}

    def put(self, silence: Silence) -> str:
        self._answer()
        if silence.ends_at <= max(silence.starts_at, self._clock()):
            raise Refused("a silence must not end before it begins")
        known = self._silences.get(silence.id or "")
        kept = known is not None and known.matchers == silence.matchers
        name = str(silence.id) if kept else f"silence-{next(self._ids)}"
        if known is not None and not kept:
            self._silences.pop(str(silence.id))
        self._silences[name] = silence._replace(id=name)
        return name

    def silences(self) -> tuple[Silence, ...]:
        self._answer()
        return tuple(one for one in self._silences.values() if one.ends_at > self._clock())

    def expire(self, silence: str) -> None:
        self._answer()
        self._silences.pop(silence, None)

    def silenced(self, about: Sequence[Matcher]) -> tuple[FiringAlert, ...]:
        self._answer()
        return tuple(
            alert
            for alert in self._seen()
            if alert.silenced_by and all(matcher.holds(alert.labels) for matcher in about)
        )

    def fire(
        self,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        *,
        starts_at: datetime,
        ends_at: datetime,
    ) -> None:
        self._answer()
        alert = FiringAlert(
            fingerprint=str(hash(_key(labels))),
            labels=dict(labels),
            annotations=dict(annotations),
            starts_at=starts_at,
        )
        self._firing[_key(labels)] = (alert, ends_at)
        self._tell()

    def measure(self, query: str) -> float | None:
        self._answer()
        return self.sizes.get(query)

    @property
    def paged(self) -> list[dict[str, str]]:
        self._tell()
        return list(self._paged.values())

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("the alert manager does not answer")

    def _tell(self) -> None:
        for alert in self._seen():
            if not alert.silenced_by:
                self._paged[_key(alert.labels)] = alert.labels

    def _seen(self) -> list[FiringAlert]:
        at = self._clock()
        active = [s for s in self._silences.values() if s.starts_at <= at < s.ends_at]
        return [
            alert.model_copy(
                update={
                    "silenced_by": tuple(
                        str(s.id) for s in active if all(m.holds(alert.labels) for m in s.matchers)
                    )
                }
            )
            for alert, ends_at in self._firing.values()
            if ends_at > at
        ]


def _key(labels: Mapping[str, str]) -> Labels:
    return tuple(sorted(labels.items()))


class FakeAlerts(AlertsActivities):
    """One in-memory alert manager per provider; `asks` lists what was asked, in order.

    The next `unavailable` asks fail as if it did not answer.
    """

    def __init__(self) -> None:
        super().__init__(self.manager)
        self.managers: dict[Provider, FakeAlertManager] = {}
        self.asks: list[BeginSilences | HoldSilences | LiftSilences] = []
        self.unavailable = 0

    def manager(self, provider: Provider) -> FakeAlertManager:
        return self.managers.setdefault(provider, FakeAlertManager())

    @property
    def silences(self) -> list[Silence]:
        """What mutes now, wherever."""
        return [one for manager in self.managers.values() for one in manager.silences()]

    def begin_silences(self, ask: BeginSilences) -> BegunSilences:
        self._note(ask)
        return super().begin_silences(ask)

    @activity.defn(no_thread_cancel_exception=True)
    def hold_silences(self, ask: HoldSilences) -> MaskedAlerts:
        self._note(ask)
        return super().hold_silences(ask.model_copy(update={"every": timedelta(milliseconds=20)}))

    def lift_silences(self, ask: LiftSilences) -> LiftedSilences:
        self._note(ask)
        return super().lift_silences(ask)

    def _note(self, ask: BeginSilences | HoldSilences | LiftSilences) -> None:
        self.asks.append(ask)
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable("the alert manager does not answer")

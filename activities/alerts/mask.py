"""The silences of one target while they are held, and a second look at what they mute."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import AwareDatetime

from activities.alerts.manager import AlertManager, Silence
from workflows.domain.errors import ReleaseError, Unavailable
from workflows.domain.values import Target, Value
from workflows.domain.watching.silences import (
    LOCKGATE,
    FiringAlert,
    MaskedAlert,
    Matcher,
    SilenceRule,
    about,
    looked_at,
    matchers,
    most_telling,
    raised_again,
)
from workflows.ports.alerts import HoldSilences, MaskedAlerts

log = structlog.get_logger(__name__)

_STALE = 2 / 3
"""The share of its life that a silence has left when it is extended."""


class HeldSilence(Value):
    """One silence of ours: of which rule, by its position, and until when it mutes.

    `ended` once somebody else ended it before that.
    """

    rule: int
    id: str
    ends_at: AwareDatetime
    ended: bool = False


class Held(Value):
    """What an attempt leaves to the next: its silences, and what it saw masked."""

    silences: tuple[HeldSilence, ...] = ()
    masked: tuple[MaskedAlert, ...] = ()


def owner(release: str, target: Target) -> str:
    """Whose a silence is, in the field that people read."""
    return f"{_all_of(release)}{target}"


def _all_of(release: str) -> str:
    return f"{LOCKGATE} {release} "


class Mask:
    """Mutes what *ask* expects, extends it, and raises again what is more than expected."""

    def __init__(
        self,
        manager: AlertManager,
        ask: HoldSilences,
        left: Held,
        *,
        beat: Callable[[Held], object],
    ) -> None:
        """*beat* is called before each question, so that none of them seems to be a death."""
        self._manager = manager
        self._ask = ask
        self._beat = beat
        self._silences = {one.rule: one for one in left.silences}
        self._masked = {one.fingerprint: one for one in left.masked}

    @property
    def held(self) -> Held:
        return Held(
            silences=tuple(self._silences.values()),
            masked=most_telling(list(self._masked.values())),
        )

    def beat(self) -> None:
        self._beat(self.held)

    def begin(self, now: datetime) -> None:
        """Take over what an earlier attempt left, and silence what is not yet.

        A size that could never be read would make every silence a blind one, so each query is
        asked once before.
        """
        for rule in self._ask.masking.rules:
            if rule.query is not None:
                self.beat()
                self._manager.measure(rule.query)
        self.extend(now)

    def extend(self, now: datetime) -> None:
        """See that each silence goes on; its id may change with that.

        One that somebody ended before its time stays ended: a person wants to hear the alert, or
        the release turns back already.
        """
        self.beat()
        mine = owned(self._manager, self._ask.release, self._ask.target)
        for number, rule in enumerate(self._ask.masking.rules):
            self.beat()
            wanted = matchers(rule, self._ask.masking, self._ask.target)
            # Alertmanager gives matchers back in an order of its own.
            found = [one for one in mine if set(one.matchers) == set(wanted)]
            held = self._silences.get(number)
            if held is not None and (held.ended or (not found and held.ends_at > now)):
                self._silences[number] = held.model_copy(update={"ended": True})
                continue
            for double in found[1:]:
                self._manager.expire(str(double.id))
            self._silences[number] = self._kept(number, wanted, found[0] if found else None, now)

    def _kept(
        self, number: int, wanted: tuple[Matcher, ...], found: Silence | None, now: datetime
    ) -> HeldSilence:
        """The silence of a rule as it is from now on: found, extended or made."""
        life = self._ask.ends_after
        if found is not None and found.ends_at - now > life * _STALE:
            return HeldSilence(rule=number, id=str(found.id), ends_at=found.ends_at)
        arm, alertname = self._ask.masking.arm, self._ask.masking.rules[number].alertname
        silence = Silence(
            matchers=wanted,
            starts_at=found.starts_at if found else _next_second(now),
            ends_at=now + life,
            created_by=owner(self._ask.release, self._ask.target),
            comment=f"{alertname} is expected while {arm} is shifted; "
            f"it ends by itself unless {LOCKGATE} extends it",
            id=found.id if found else None,
        )
        put = self._manager.put(silence)
        if found is None:
            log.info("alert_silenced", target=str(self._ask.target), alert=alertname)
        return HeldSilence(rule=number, id=put, ends_at=silence.ends_at)

    def look(self, now: datetime) -> None:
        """Look at each alert that is muted by now, and raise again what is more than expected."""
        ours = {one.id: self._ask.masking.rules[one.rule] for one in self._silences.values()}
        self.beat()
        for alert in self._manager.silenced(about(self._ask.masking, self._ask.target)):
            self.beat()
            rule = next((ours[by] for by in alert.silenced_by if by in ours), None)
            if rule is not None:
                self._weigh(alert, rule, now)

    def _weigh(self, alert: FiringAlert, rule: SilenceRule, now: datetime) -> None:
        before = self._masked.get(alert.fingerprint)
        seen = looked_at(alert, rule, size=self._size(alert, rule), before=before, now=now)
        self._masked[alert.fingerprint] = seen
        if not seen.unmasked:
            return
        if before is None or not before.unmasked:
            log.warning(
                "alert_unmasked",
                target=str(self._ask.target),
                alert=rule.alertname,
                reason=seen.unmasked,
            )
        labels, annotations = raised_again(alert, seen, self._ask.masking)
        # Said anew at each look, so that it resolves by itself when nobody looks any more.
        self._manager.fire(
            labels,
            annotations,
            starts_at=seen.unmasked_at or now,
            ends_at=now + self._ask.ends_after,
        )

    def _size(self, alert: FiringAlert, rule: SilenceRule) -> float | None:
        if rule.query is not None:
            try:
                return self._manager.measure(rule.query)
            except ReleaseError as error:
                log.warning("alert_not_measured", alert=rule.alertname, reason=str(error))
                return None
        text = alert.annotations.get(rule.annotation or "", alert.labels.get(rule.label or ""))
        try:
            return float(text or "")
        except ValueError:
            return None

    def end(self, now: datetime) -> MaskedAlerts:
        """A last look, then no more silences; what cannot be ended now ends by itself."""
        left = ""
        try:
            self.look(now)
        except Unavailable as error:
            log.warning("masked_alerts_not_seen", reason=str(error))
        try:
            lift(self._manager, self._ask.release, self._ask.target)
        except Unavailable as error:
            left = f"silences end by themselves within {self._ask.ends_after}: {error}"
        return MaskedAlerts(alerts=self.held.masked, left=left)


def owned(manager: AlertManager, release: str, target: Target | None) -> list[Silence]:
    """The silences of *release*: those of one target, or of all."""
    found = manager.silences()
    if target is None:
        return [one for one in found if one.created_by.startswith(_all_of(release))]
    return [one for one in found if one.created_by == owner(release, target)]


def lift(manager: AlertManager, release: str, target: Target | None) -> int:
    """End the silences of *release*; how many there were."""
    found = owned(manager, release, target)
    for silence in found:
        manager.expire(str(silence.id))
    return len(found)


def _next_second(now: datetime) -> datetime:
    """Alertmanager rounds what it shows: only a start that survives that is changed in place."""
    return now.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)

"""Which alerts of a target may be masked while it is shifted, how loud, and how long at most."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from string import Template
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from workflows.domain.durations import Duration, write_duration
from workflows.domain.values import (
    Digest,
    Name,
    Names,
    Provider,
    SpecPart,
    Target,
    Value,
    View,
    arm_name,
)

UNMASKED_BY = "unmasked_by"
"""The label of an alert that was masked and is raised again; no silence of ours matches it."""

LOCKGATE = "lockgate"

_ALERTNAME = "alertname"
_MOST_TOLD = 100

LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")]


class AlertLabels(SpecPart):
    """What the alerts of an environment call the labels that say what they are about."""

    environment: LabelName = "environment"
    """Its value is the environment's name."""
    service: LabelName = "service"
    """Its value is the service's name."""
    arm: LabelName = "arm"
    """Its value is the version as it is routed to: the service and twelve digits of the build."""
    severity: LabelName = "severity"
    """Its value says who is woken."""


class AlertsSpec(SpecPart):
    """Where the alerts of an environment are silenced, and which of them never are."""

    type: Name
    """Which adapter speaks to it."""
    connection: Name
    """What the workers' settings call it."""
    paging: Names = Field(default=("page", "critical"), min_length=1, max_length=10)
    """Severities that somebody is woken for: they can never be silenced."""
    labels: AlertLabels = AlertLabels()
    """What its alerts call their labels."""

    @property
    def provider(self) -> Provider:
        return Provider(type=self.type, connection=self.connection)


class ExpectedMagnitude(SpecPart):
    """How large the alert may be, and where its size is read: exactly one of three places."""

    at_most: float = Field(allow_inf_nan=False)
    """What is more than this is raised again, and pages."""
    annotation: LabelName | None = None
    """An annotation of the alert whose text is the number."""
    label: LabelName | None = None
    """A label of the alert whose text is the number."""
    query: str | None = Field(default=None, min_length=1, max_length=4000)
    """PromQL whose largest value is the number; `$environment`, `$service`, `$arm` stand in it."""

    @model_validator(mode="after")
    def _read_in_one_place(self) -> Self:
        places = [place for place in (self.annotation, self.label, self.query) if place]
        if len(places) != 1:
            raise ValueError("say where its size is read: exactly one of annotation, label, query")
        return self


class LabelMatch(SpecPart):
    label: LabelName
    """Its name."""
    value: str = Field(min_length=1, max_length=200)
    """Its whole value, compared letter by letter."""


class ExpectedAlert(SpecPart):
    """An alert that a shift may well raise for the new version, and that nobody need hear of."""

    alertname: str = Field(min_length=1, max_length=200)
    """Its whole name."""
    match: tuple[LabelMatch, ...] = Field(default=(), max_length=10)
    """More labels that it must have."""
    expected: ExpectedMagnitude
    """How large it may be; a size that cannot be read is too large."""
    window: Duration = timedelta(minutes=10)
    """How long it may go on; then it is raised again, and pages."""

    @property
    def labels(self) -> dict[str, str]:
        return {one.label: one.value for one in self.match}

    @model_validator(mode="after")
    def _one_value_each(self) -> Self:
        if len(self.labels) != len(self.match):
            raise ValueError("match names a label twice")
        return self


def silence_problems(
    expected: Sequence[ExpectedAlert], alerts: AlertsSpec, *, where: str
) -> list[str]:
    """What of *expected* must not be silenced in an environment with these *alerts*."""
    labels = alerts.labels
    own = {labels.environment, labels.service, labels.arm, UNMASKED_BY, _ALERTNAME}
    paging = {severity.casefold() for severity in alerts.paging}
    problems = []
    for number, alert in enumerate(expected):
        at = f"{where}.expectedAlerts.{alert.alertname}"
        same = [one for one in expected[:number] if _alike(one, alert)]
        problems += [f"{at}: expected twice, with the same match" for _ in same[:1]]
        problems += [
            f"{at}.match: {name!r} is set by Lockgate; leave it out"
            for name in sorted(own & alert.labels.keys())
        ]
        severity = alert.labels.get(labels.severity, "")
        if severity.casefold() in paging:
            problems.append(
                f"{at}.match: {labels.severity}={severity} must page and is never silenced; "
                f"expect an alert of another severity than {', '.join(alerts.paging)}"
            )
    return problems


def _alike(one: ExpectedAlert, other: ExpectedAlert) -> bool:
    return (one.alertname, one.labels) == (other.alertname, other.labels)


class SilenceRule(Value):
    """One expected alert as the activities take it; one of the three places is set."""

    alertname: str
    match: dict[str, str] = {}
    at_most: float
    annotation: str | None = None
    label: str | None = None
    query: str | None = None
    window: timedelta


class Masking(Value):
    """What is silenced of one target's new version, and where."""

    provider: Provider
    rules: tuple[SilenceRule, ...]
    arm: str
    paging: tuple[str, ...]
    environment_label: str
    service_label: str
    arm_label: str
    severity_label: str


def masking(
    expected: Sequence[ExpectedAlert],
    alerts: AlertsSpec | None,
    *,
    target: Target,
    version: Digest,
) -> Masking | None:
    """What to silence while *target* is shifted to *version*; None where there is nothing."""
    if alerts is None or not expected:
        return None
    arm = arm_name(target.service, version)
    names = {"environment": target.environment, "service": target.service, "arm": arm}
    labels = alerts.labels
    return Masking(
        provider=alerts.provider,
        rules=tuple(
            SilenceRule(
                alertname=alert.alertname,
                match=alert.labels,
                at_most=alert.expected.at_most,
                annotation=alert.expected.annotation,
                label=alert.expected.label,
                query=_filled(alert.expected.query, names),
                window=alert.window,
            )
            for alert in expected
        ),
        arm=arm,
        paging=alerts.paging,
        environment_label=labels.environment,
        service_label=labels.service,
        arm_label=labels.arm,
        severity_label=labels.severity,
    )


def _filled(query: str | None, names: Mapping[str, str]) -> str | None:
    return None if query is None else Template(query).safe_substitute(names)


class Matcher(Value):
    """One condition of a silence; a label that an alert lacks is empty, as in Alertmanager."""

    name: str
    value: str
    regex: bool = False
    equal: bool = True

    def holds(self, labels: Mapping[str, str]) -> bool:
        found = labels.get(self.name, "")
        same = bool(re.fullmatch(self.value, found)) if self.regex else found == self.value
        return same is self.equal


def about(masking: Masking, target: Target) -> tuple[Matcher, ...]:
    """The conditions that every silence of *target*'s new version shares."""
    return (
        Matcher(name=masking.environment_label, value=target.environment),
        Matcher(name=masking.service_label, value=target.service),
        Matcher(name=masking.arm_label, value=masking.arm),
    )


def matchers(rule: SilenceRule, masking: Masking, target: Target) -> tuple[Matcher, ...]:
    """The whole silence of *rule*: this alert of this version alone, and nothing that pages.

    That severities which page are left out is said again here, whatever the rule matches, and so
    is that an alert which was raised again is not masked a second time.
    """
    severities = "|".join(re.escape(severity) for severity in masking.paging)
    return (
        Matcher(name=_ALERTNAME, value=rule.alertname),
        *about(masking, target),
        *(Matcher(name=name, value=value) for name, value in sorted(rule.match.items())),
        Matcher(name=masking.severity_label, value=f"(?i:{severities})", regex=True, equal=False),
        Matcher(name=UNMASKED_BY, value=""),
    )


class FiringAlert(Value):
    """An alert as the alert manager holds it."""

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: AwareDatetime
    silenced_by: tuple[str, ...] = ()


class MaskedAlert(View):
    """What became of one alert that was masked: how large it grew, and why it was raised again."""

    alertname: str
    fingerprint: str
    labels: dict[str, str]
    since: AwareDatetime
    until: AwareDatetime
    peak: float | None = None
    unmasked: str = ""
    unmasked_at: AwareDatetime | None = None


def looked_at(
    alert: FiringAlert,
    rule: SilenceRule,
    *,
    size: float | None,
    before: MaskedAlert | None,
    now: AwareDatetime,
) -> MaskedAlert:
    """What is known of *alert* after this look; *size* is None where it could not be read.

    It is raised again for good: the reason that stood first stays.
    """
    since = before.since if before else min(alert.starts_at, now)
    known = [one for one in (before.peak if before else None, size) if one is not None]
    why = (before.unmasked if before else "") or _too_much(rule, size=size, lasted=now - since)
    first = now if why else None
    return MaskedAlert(
        alertname=rule.alertname,
        fingerprint=alert.fingerprint,
        labels=alert.labels,
        since=since,
        until=now,
        peak=max(known, default=None),
        unmasked=why,
        unmasked_at=(before.unmasked_at if before else None) or first,
    )


def _too_much(rule: SilenceRule, *, size: float | None, lasted: timedelta) -> str:
    if size is None:
        return f"its size cannot be read, at most {rule.at_most:g} is expected"
    if not size <= rule.at_most:  # a size that is no number is not small
        return f"its size is {size:g}, at most {rule.at_most:g} is expected"
    if lasted > rule.window:
        return f"it goes on for longer than {write_duration(rule.window)}"
    return ""


def raised_again(
    alert: FiringAlert, seen: MaskedAlert, masking: Masking
) -> tuple[dict[str, str], dict[str, str]]:
    """Labels and annotations under which *alert* gets through its silence and pages."""
    labels = alert.labels | {masking.severity_label: masking.paging[0], UNMASKED_BY: LOCKGATE}
    said = f"{seen.alertname} was expected during a release, but {seen.unmasked}"
    return labels, alert.annotations | {"unmasked_because": said}


def most_telling(alerts: Sequence[MaskedAlert]) -> tuple[MaskedAlert, ...]:
    """As many as a history should hold: those that were raised again first, then the oldest."""
    return tuple(sorted(alerts, key=lambda one: (not one.unmasked, one.since))[:_MOST_TOLD])

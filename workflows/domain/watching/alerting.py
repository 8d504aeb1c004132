"""Which open release a firing alert concerns, and how much of the alert the release is told."""

import json
import re
from collections.abc import Mapping

from workflows.domain.release.commands import Alert
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Progress, ReleaseStatus, TargetView
from workflows.domain.values import Artifact, Target, Value, arm_name, digest_of, short

CANARY = "canary"
"""What an alert may call the new version while it is one, besides its own name."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
_STEERED = frozenset({Phase.PROGRESSING, Phase.HOLDING, Phase.AWAITING_APPROVAL})
_UNTOUCHED = frozenset(
    {
        Progress.WAITING,
        Progress.INSTALLING,
        Progress.UNCHANGED,
        Progress.FAILED,
        Progress.WITHDRAWN,
    }
)

_MOST_PAIRS = 20
_LONGEST_KEY, _LONGEST_VALUE = 100, 300


class LabelNames(Value):
    """What the alerts of an installation call the labels that say what they are about.

    `arm` is the name under which a version is routed to and measured, `version` what people call
    it; an alert may lack both, and then is about whatever of the service takes traffic.
    """

    environment: str = "environment"
    service: str = "service"
    arm: str = "arm"
    version: str = "version"

    def target_of(self, labels: Mapping[str, str]) -> Target | None:
        """The target that *labels* name; None where they name none, which never means all."""
        service, environment = labels.get(self.service, ""), labels.get(self.environment, "")
        if not (_NAME.fullmatch(service) and _NAME.fullmatch(environment)):
            return None
        return Target(service=service, environment=environment)


LABELS = LabelNames()


def concerned(
    alert: Alert, status: ReleaseStatus, names: LabelNames = LABELS
) -> TargetView | None:
    """The target of a release under way that *alert* is about, or None.

    It is about a target whose new version takes traffic by now: being shifted, watched, verified
    or promoted by this release. A release that waits at its gate has changed nothing there, and
    one that turns back already needs no telling. An alert that names another version is about
    that one; one that names none, and fired before the promotion began, is not the promotion's.
    """
    target = names.target_of(alert.labels)
    if target is None or status.phase not in _STEERED:
        return None
    view = next((view for view in status.targets if view.target == target), None)
    if view is None or not _takes_traffic(view):
        return None
    named = [alert.labels[name] for name in (names.arm, names.version) if alert.labels.get(name)]
    if named:
        return view if all(name in _names_of(view.artifact) for name in named) else None
    return None if _older(alert, view) else view


def _takes_traffic(view: TargetView) -> bool:
    """A hold before the first shift has no route yet; a shift under way may be served unseen."""
    if view.progress is Progress.HOLDING:
        return view.route is not None
    return view.progress not in _UNTOUCHED


def _names_of(artifact: Artifact) -> frozenset[str]:
    arm = arm_name(artifact.service, artifact.digest)
    return frozenset({CANARY, arm, artifact.version, artifact.digest, short(artifact.digest)})


def _older(alert: Alert, view: TargetView) -> bool:
    began = view.started_at
    return alert.starts_at is not None and began is not None and alert.starts_at < began


def occurrence(alert: Alert) -> str:
    """One name for one firing of one alert, however often it is told."""
    fingerprint = alert.fingerprint or json.dumps(alert.labels, sort_keys=True)
    began = alert.starts_at.isoformat() if alert.starts_at else ""
    return short(digest_of(f"{fingerprint} {began}"))


def bounded(alert: Alert) -> Alert:
    """*alert* with long texts cut, so that evidence of any origin fits into a history."""
    return alert.model_copy(
        update={
            "name": _cut(alert.name),
            "summary": _cut(alert.summary),
            "generator_url": _cut(alert.generator_url),
            "labels": _few(alert.labels),
            "annotations": _few(alert.annotations),
        }
    )


def _few(pairs: Mapping[str, str]) -> dict[str, str]:
    kept = sorted(pairs.items())[:_MOST_PAIRS]
    return {_cut(key, _LONGEST_KEY): _cut(value) for key, value in kept}


def _cut(text: str, longest: int = _LONGEST_VALUE) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"

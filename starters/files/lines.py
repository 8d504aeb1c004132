"""A watched release as lines of `key=value`, one for each change, for logs of pipelines."""

import json
from collections.abc import Iterator
from datetime import datetime

from starters.watching import Look
from workflows.domain import figures
from workflows.domain.canary.verdict import MetricVerdict
from workflows.domain.release.status import Blocker, ReleaseStatus, TargetView
from workflows.domain.watching.detection import Detection

_CLEAR = "blocked=no"


class Changes:
    """Words each look as the lines that say what is new since the looks before."""

    def __init__(self) -> None:
        self._said: dict[str, object] = {}

    def of(self, look: Look) -> Iterator[str]:
        """The lines for *look*; none where nothing that matters has changed."""
        said = [_Fact("notice", key_values(notice=look.notice))] if look.notice else []
        if look.status is not None:
            self._said.pop("notice", None)
            said = [*_facts(look.status)]
        for fact in said:
            if fact.line == _CLEAR and fact.subject not in self._said:
                continue
            if self._said.get(fact.subject) != fact.news:
                self._said[fact.subject] = fact.news
                yield f"{look.at:%Y-%m-%dT%H:%M:%SZ} {fact.line}"


class _Fact:
    """A line about *subject*, told again when its *news* change: by default, the line itself."""

    def __init__(self, subject: str, line: str, *, news: object = None) -> None:
        self.subject = subject
        self.line = line
        self.news = line if news is None else news


def _facts(status: ReleaseStatus) -> Iterator[_Fact]:
    """What is told about a release.

    Counts that grow at every look are told with what they led to, and once they have doubled.
    """
    yield _Fact("phase", key_values(release=status.name, phase=status.phase, reason=status.reason))
    for ballot in status.votes:
        word = "approves" if ballot.approved else "rejects"
        line = key_values(voter=ballot.voter, vote=word, note=ballot.note)
        yield _Fact(f"vote {ballot.voter}", line)
    for made in status.environments:
        line = key_values(environment=made.environment, phase=made.phase or "", reason=made.reason)
        yield _Fact(f"environment {made.environment}", line)
    for view in status.targets:
        yield from _target(view)
    yield from _harm(status)
    yield _Fact("blocked", _blocked(status.blocked_by))
    for undone in status.rollback.undone:
        line = key_values(
            undone=undone.undo.sentence,
            outcome=undone.failure or "done",
            told=undone.told or undone.remark,
        )
        yield _Fact(f"undone {undone.undo.sentence}", line)
    for leftover in status.leftovers:
        yield _Fact(f"leftover {leftover}", key_values(leftover=leftover))
    if status.phase.final and status.detection is not None:
        yield _Fact("detection", _detection(status.detection))


def _target(view: TargetView) -> Iterator[_Fact]:
    target = str(view.target)
    line = key_values(
        target=target,
        version=view.artifact.version,
        progress=view.progress,
        step=f"{view.step}/{view.steps}",
        doing=view.doing,
        asked=view.exposure.weight_asked,
    )
    yield _Fact(target, line)
    yield from (
        _Fact(f"{target} drift {d}", key_values(target=target, drift=d)) for d in view.drift
    )
    yield from _watched(view)


def _watched(view: TargetView) -> Iterator[_Fact]:
    """How the stage goes: the share that arrived, and where each metric stands."""
    target, exposure, watch = str(view.target), view.exposure, view.watch
    if watch is not None:
        planned = f"{watch.planned_seconds:g}s"
        yield _Fact(
            f"{target} planned", key_values(target=target, step=view.step, planned=planned)
        )
    if exposure.weight_measured is not None:
        line = key_values(
            target=target,
            asked=exposure.weight_asked,
            measured=figures.share(exposure),
            requests=exposure.requests,
            failed=exposure.failed,
            left=f"{watch.left_seconds:.0f}s" if watch and watch.left_seconds else "",
        )
        doubled = exposure.requests.bit_length()
        yield _Fact(f"{target} share", line, news=(exposure.weight_asked, doubled))
    for metric in view.verdict.metrics if view.verdict is not None else ():
        doubled = metric.canary_samples.bit_length()
        news = (view.step, metric.word, metric.status, doubled)
        yield _Fact(f"{target} {metric.name}", _metric(view, metric), news=news)


def _metric(view: TargetView, metric: MetricVerdict) -> str:
    harm, safe = metric.harm_in_seconds, metric.safe_in_seconds
    return key_values(
        target=view.target,
        step=view.step,
        metric=metric.name,
        verdict=metric.word,
        effect=figures.effect(metric),
        interval=figures.interval(metric),
        samples=figures.samples(metric) if metric.canary_samples else "",
        harmIn="" if harm is None else f"{harm:.0f}s",
        safeIn="" if safe is None else f"{safe:.0f}s",
    )


def _harm(status: ReleaseStatus) -> Iterator[_Fact]:
    """Told with each tenth of the budget that is used up."""
    allowed, spent = status.exposure.harm_budget, status.harm
    if allowed is None:
        return
    line = key_values(
        harm=figures.budget(status.exposure, spent), left=status.exposure.harm_budget_left
    )
    yield _Fact("harm", line, news=10 * spent.failed_requests // max(1, allowed))


def _detection(found: Detection) -> str:
    back = found.seconds_to_go_back
    return key_values(
        detected=found.target,
        by=found.cause or "outside the watch",
        metric=found.metric,
        because=found.reason,
        secondsToDetect=f"{found.seconds_to_detect:.1f}",
        secondsToGoBack="" if back is None else f"{back:.1f}",
        requests=found.requests,
        failed=found.failed,
    )


def _blocked(blockers: tuple[Blocker, ...]) -> str:
    if not blockers:
        return _CLEAR
    return " ".join(
        key_values(
            blocked=blocker.gate,
            reason=blocker.reason,
            clearedBy=", ".join(blocker.can_be_cleared_by),
            clearsAt=_moment(blocker.clears_at),
            owner=blocker.owner if blocker.owner != ", ".join(blocker.can_be_cleared_by) else "",
            escalatesTo=blocker.escalates_to,
            escalatesAt=_moment(blocker.escalates_at),
        )
        for blocker in blockers
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def key_values(**facts: object) -> str:
    """`key=value` for each fact that says something; quoted where a space would split it."""
    return " ".join(f"{key}={_word(str(value))}" for key, value in facts.items() if value != "")


def _word(value: str) -> str:
    plain = value and not any(letter.isspace() or letter in '"=' for letter in value)
    return value if plain else json.dumps(value, ensure_ascii=False)

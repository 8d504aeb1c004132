"""A watched release as lines of `key=value`, one for each change, for logs of pipelines."""

import json
from collections.abc import Iterator
from datetime import datetime

from starters.watching import Look
from workflows.domain.status import Blocker, ReleaseStatus, TargetView

_CLEAR = "blocked=no"


class Changes:
    """Words each look as the lines that say what is new since the looks before."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def of(self, look: Look) -> Iterator[str]:
        """The lines for *look*; none where nothing that matters has changed."""
        said = {"notice": _line(notice=look.notice)} if look.notice else {}
        if look.status is not None:
            self._said.pop("notice", None)
            said = dict(_facts(look.status))
        for subject, line in said.items():
            if line == _CLEAR and subject not in self._said:
                continue
            if self._said.get(subject) != line:
                self._said[subject] = line
                yield f"{look.at:%Y-%m-%dT%H:%M:%SZ} {line}"


def _facts(status: ReleaseStatus) -> Iterator[tuple[str, str]]:
    """What is told about a release, by subject: a subject is told again when its line changes.

    Counts that grow at every look are told with the verdict they led to, not by themselves.
    """
    yield (
        "phase",
        _line(release=status.name, phase=status.phase, reason=status.reason),
    )
    for ballot in status.votes:
        word = "approves" if ballot.approved else "rejects"
        yield f"vote {ballot.voter}", _line(voter=ballot.voter, vote=word, note=ballot.note)
    for view in status.targets:
        yield from _target(view)
    yield "blocked", _blocked(status.blocked_by)
    for undone in status.rollback.undone:
        yield (
            f"undone {undone.undo.sentence}",
            _line(undone=undone.undo.sentence, outcome=undone.failure or "done"),
        )
    for leftover in status.leftovers:
        yield f"leftover {leftover}", _line(leftover=leftover)


def _target(view: TargetView) -> Iterator[tuple[str, str]]:
    target = str(view.target)
    yield (
        target,
        _line(
            target=target,
            version=view.artifact.version,
            progress=view.progress,
            step=f"{view.step}/{view.steps}",
            doing=view.doing,
            asked=view.exposure.weight_asked,
        ),
    )
    if view.verdict is None:
        return
    for metric in view.verdict.metrics:
        yield (
            f"{target} {metric.name}",
            _line(target=target, step=view.step, metric=metric.name, verdict=metric.word),
        )


def _blocked(blockers: tuple[Blocker, ...]) -> str:
    if not blockers:
        return _CLEAR
    return " ".join(
        _line(
            blocked=blocker.gate,
            reason=blocker.reason,
            clearedBy=", ".join(blocker.can_be_cleared_by),
            clearsAt=_moment(blocker.clears_at),
        )
        for blocker in blockers
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _line(**facts: object) -> str:
    """`key=value` for each fact that says something; quoted where a space would split it."""
    return " ".join(f"{key}={_word(str(value))}" for key, value in facts.items() if value != "")


def _word(value: str) -> str:
    plain = value and not any(letter.isspace() or letter in '"=' for letter in value)
    return value if plain else json.dumps(value, ensure_ascii=False)

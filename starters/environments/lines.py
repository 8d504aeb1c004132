"""An environment that is followed, as lines of `key=value`, one for each change."""

from collections.abc import Iterator
from datetime import datetime

from starters.files.lines import key_values
from workflows.domain.environments.lease import lives
from workflows.domain.environments.view import EnvironmentView


class EnvironmentChanges:
    """Words each look as the lines that say what is new since the looks before."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._last = ""

    def of(self, view: EnvironmentView, *, at: datetime) -> Iterator[str]:
        """The lines for *view*; none where nothing that matters has changed."""
        self._said.discard("notice")
        standing = key_values(
            environment=view.name, phase=view.phase, doing=view.doing, reason=view.reason
        )
        if standing != self._last:
            self._last = standing
            yield _stamped(standing, at)
        for fact in _facts(view):
            if fact not in self._said:
                self._said.add(fact)
                yield _stamped(fact, at)

    def notice(self, said: str, *, at: datetime) -> Iterator[str]:
        """A line why it cannot be seen, once until it is seen again."""
        if "notice" not in self._said:
            self._said.add("notice")
            yield _stamped(key_values(notice=said), at)


def _facts(view: EnvironmentView) -> Iterator[str]:
    for name, value in view.outputs.items() if lives(view) else ():
        yield key_values(environment=view.name, output=name, value=value)
    if view.problem:
        yield key_values(environment=view.name, problem=view.problem)
    if (removal := view.removal) is None:
        return
    for each in removal.removed:
        yield key_values(environment=view.name, removed=each)
    if removal.problem:
        yield key_values(environment=view.name, attempt=removal.attempts, problem=removal.problem)


def _stamped(said: str, at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ} {said}"

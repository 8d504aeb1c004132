"""An environment that is followed, a line for each change."""

from starters.environments.lines import EnvironmentChanges
from tests.starters.environments.views import NOW, a_view
from workflows.domain.environments.view import EnvironmentPhase, Removal


def test_only_what_is_new_is_told():
    changes = EnvironmentChanges()
    creating = a_view(phase=EnvironmentPhase.CREATING, doing="create its stack", outputs={})

    first = list(changes.of(creating, at=NOW))
    again = list(changes.of(creating, at=NOW))
    ready = list(changes.of(a_view(), at=NOW))

    assert first == [
        '2026-11-26T12:00:00Z environment=pr-7 phase=Creating doing="create its stack"'
    ]
    assert again == []
    assert ready == [
        "2026-11-26T12:00:00Z environment=pr-7 phase=Ready",
        "2026-11-26T12:00:00Z environment=pr-7 output=Bucket value=uploads",
    ]


def test_a_phase_that_comes_again_is_told_again():
    changes = EnvironmentChanges()
    down, up = a_view(phase=EnvironmentPhase.HELD), a_view()

    told = [line for view in (up, down, up) for line in changes.of(view, at=NOW)]

    assert sum("phase=Ready" in line for line in told) == 2


def test_what_is_removed_and_what_stands_against_it_is_told_once():
    changes = EnvironmentChanges()
    removal = Removal(
        reason="merged", by="ana", removed=("Orders (arn:2)",), attempts=1, problem="locked"
    )
    view = a_view(phase=EnvironmentPhase.TEARDOWN_INCOMPLETE, removal=removal)

    told = [line.split(" ", 1)[1] for line in changes.of(view, at=NOW)]

    assert told == [
        "environment=pr-7 phase=TeardownIncomplete",
        'environment=pr-7 removed="Orders (arn:2)"',
        "environment=pr-7 attempt=1 problem=locked",
    ]
    assert list(changes.of(view, at=NOW)) == []


def test_a_silence_is_told_once_until_it_is_over():
    changes = EnvironmentChanges()

    first, second = (list(changes.notice("nobody answers", at=NOW)) for _ in range(2))
    list(changes.of(a_view(), at=NOW))
    after = list(changes.notice("nobody answers", at=NOW))

    assert first == ['2026-11-26T12:00:00Z notice="nobody answers"']
    assert second == []
    assert after == first

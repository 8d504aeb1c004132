"""How schedules become words, JSON and exit codes; on a real server in tests/engine."""

import json

import pytest

from starters.exit_codes import ExitCode
from starters.output import OutputFormat
from starters.schedules.comparing import Difference
from starters.schedules.declared import declared_schedules
from starters.schedules.temporal import Found
from starters.verbs import schedules


@pytest.fixture
def apart(monkeypatch):
    """What is found where Temporal and the files part."""
    monkeypatch.delenv("LOCKGATE_SCHEDULES", raising=False)

    def these(*off, undeclared=()):
        monkeypatch.setattr(schedules, "converse", lambda work: schedules._Apart(off, undeclared))

    return these


def sweep(**found):
    declared = next(one for one in declared_schedules() if one.id == "lockgate-sweep")
    return Found(declared=declared, **found)


def test_each_field_that_differs_is_a_line_and_drift(apart, capsys):
    apart(sweep(applied=True, differences=(Difference("every", "5m", "1m"),)))

    code = schedules.diff(folder=None, output=OutputFormat.TEXT)

    assert code == ExitCode.DRIFT
    assert capsys.readouterr().out.splitlines() == [
        "correct lockgate-sweep: puts back what releases left that were ended from outside",
        "  every is 5m, declared is 1m",
        "`lockgate schedules apply` does this",
    ]


def test_programs_are_told_what_would_be_done_to_each(apart, capsys):
    apart(
        sweep(applied=True, differences=(Difference("every", "5m", "1m"),)),
        undeclared=("lockgate-old",),
    )

    code = schedules.diff(folder=None, output=OutputFormat.JSON)

    changed, surplus = json.loads(capsys.readouterr().out)
    assert code == ExitCode.DRIFT
    assert (changed["id"], changed["change"]) == ("lockgate-sweep", "correct")
    assert changed["differences"] == [{"field": "every", "found": "5m", "declared": "1m"}]
    assert changed["declared"]["workflowId"] == "sweep"
    assert surplus == {"id": "lockgate-old", "change": "delete"}


def test_schedules_as_declared_are_no_drift(apart, capsys):
    apart()

    assert schedules.diff(folder=None, output=OutputFormat.TEXT) == ExitCode.OK
    assert "all is as declared" in capsys.readouterr().out

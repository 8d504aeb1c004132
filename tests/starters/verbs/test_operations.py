"""How the state of an installation becomes words and exit codes."""

import json

import pytest

from starters.doctor import SERVER, Check
from starters.exit_codes import ExitCode
from starters.output import OutputFormat
from starters.schedules import SWEEP, Found
from starters.verbs import operations
from workflows.sweep import SweepReport

GOOD = Check(what="queue cloud", fine=True, found="polled by a")
BAD = Check(what="queue cloud", fine=False, found="nobody polls it", remedy="start a worker")
GONE = Check(what=SERVER, fine=False, found="refused", remedy="start it")


@pytest.fixture
def found(monkeypatch):
    """What the doctor finds."""

    def these(*checks):
        async def look():
            for check in checks:
                yield check

        monkeypatch.setattr("starters.doctor.checks", look)

    return these


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([GOOD], ExitCode.OK),
        ([GOOD, BAD], ExitCode.ERROR),
        ([GONE], ExitCode.UNAVAILABLE),
    ],
)
def test_the_doctor_exits_with_what_is_wrong(found, checks, code):
    found(*checks)

    assert operations.doctor(output=OutputFormat.TEXT) == code


def test_each_thing_that_is_wrong_has_its_remedy_below(found, capsys):
    found(GOOD, BAD)

    operations.doctor(output=OutputFormat.TEXT)

    assert capsys.readouterr().out.splitlines()[2].endswith("→ start a worker")


def test_a_sweep_names_what_it_puts_back(unconnected, monkeypatch, capsys):
    monkeypatch.setattr(
        operations, "converse", lambda work: SweepReport(releases=("release/shop/1",))
    )

    operations.sweep_now(output=OutputFormat.TEXT)

    assert "putting back what release/shop/1 left" in capsys.readouterr().out


def test_schedules_that_differ_are_drift(monkeypatch, capsys):
    off = Found(declared=SWEEP, applied=False, differences=("not in Temporal",))
    monkeypatch.setattr(operations, "converse", lambda work: (off,))

    code = operations.diff(output=OutputFormat.JSON)

    assert code == ExitCode.DRIFT
    assert json.loads(capsys.readouterr().out)[0]["differences"] == ["not in Temporal"]


def test_schedules_as_declared_are_not(monkeypatch, capsys):
    fine = Found(declared=SWEEP, applied=True, differences=())
    monkeypatch.setattr(operations, "converse", lambda work: (fine,))

    assert operations.diff(output=OutputFormat.TEXT) == ExitCode.OK
    assert "all is as declared" in capsys.readouterr().out

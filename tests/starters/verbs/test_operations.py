"""How the state of an installation becomes words and exit codes."""

import pytest

from starters.doctor import SERVER, Check
from starters.exit_codes import ExitCode
from starters.output import OutputFormat
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

from pathlib import Path

import pytest

from infra.local import stack
from infra.local.errors import StackError
from infra.local.home import Home


def test_down_where_nothing_ever_ran_is_no_error(tmp_path: Path):
    assert stack.down(Home(tmp_path / "never")) is False


def test_a_stack_that_is_down_has_no_status(home: Home):
    assert stack.status(home) == []


def test_what_does_not_run_cannot_be_killed(home: Home):
    with pytest.raises(StackError, match="temporal: does not run; start it with"):
        stack.kill(home, "temporal")


def test_an_emulator_stays_in_the_settings_until_the_stack_goes_down(home: Home):
    """A restart of the vault writes the settings anew, and nobody says `--with` again."""
    assert stack.running_site(home).added == frozenset()

    (home.programs / "aws.conf").touch()

    assert stack.running_site(home).added == {"aws"}

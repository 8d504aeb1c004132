"""What many commands share: who says so, and which codes count."""

import pytest

from starters import options
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed


def test_the_name_given_is_who_says_so():
    assert options.who("ana") == "ana"


def test_without_a_name_it_is_the_login_name(monkeypatch):
    monkeypatch.setattr(options.getpass, "getuser", lambda: "ben")

    assert options.who(None) == "ben"


def test_a_machine_without_login_names_asks_for_one(monkeypatch):
    def unknown():
        raise OSError("no such user")

    monkeypatch.setattr(options.getpass, "getuser", unknown)

    with pytest.raises(CommandFailed, match="--by NAME") as failed:
        options.who(None)
    assert failed.value.code is ExitCode.USAGE


def test_codes_that_no_phase_has_are_refused():
    assert options.chosen_codes(None) is None
    assert options.chosen_codes("10,13") == {10, 13}
    with pytest.raises(CommandFailed):
        options.chosen_codes("10,fish")


def test_examples_keep_their_lines_in_a_terminal():
    assert options.examples("lockgate a", "lockgate b") == (
        "Examples:\n\n\b\n  lockgate a\n  lockgate b"
    )

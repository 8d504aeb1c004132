import pytest
from pydantic import TypeAdapter, ValidationError

from workflows.domain.release.commands import Alert, Command

COMMANDS = TypeAdapter(Command)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("null", Command()),
        ("{}", Command()),
        ('"wrong build"', Command(reason="wrong build")),
        ('{"by": "ana", "reason": "lunch", "newer": 1}', Command(by="ana", reason="lunch")),
    ],
)
def test_what_people_type_into_the_temporal_ui_is_understood(typed, meant):
    assert COMMANDS.validate_json(typed) == meant


def test_a_command_survives_the_wire():
    command = Command(by="ana", reason="lunch")

    assert COMMANDS.validate_json(COMMANDS.dump_json(command)) == command


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValidationError):
        COMMANDS.validate_json("[1]")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Command(), "by unknown"),
        (Command(by="ana", reason="lunch"), "by ana: lunch"),
        (Alert(name="ErrorsHigh"), "alert ErrorsHigh"),
        (Alert(name="ErrorsHigh", summary="40 %"), "alert ErrorsHigh: 40 %"),
    ],
)
def test_each_is_a_sentence_for_people(said, sentence):
    assert str(said) == sentence


def test_a_word_is_cut_and_never_lost():
    command = COMMANDS.validate_python({"by": "b" * 10_000, "reason": "r" * 10_000})

    assert (len(command.by), len(command.reason)) == (200, 2000)

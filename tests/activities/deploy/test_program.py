import shlex
import sys
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs
from supervisor.options import UnhosedConfigParser

from activities.deploy.program import Program
from workflows.domain.errors import Refused


def program(environ: dict[str, str] | None = None, *, command=("python", "service.py")) -> Program:
    return Program(
        name="staging-checkout-1",
        command=command,
        folder=Path("/versions/checkout 1"),
        log=Path("/logs/checkout-1.log"),
        environ=environ or {},
    )


def as_read_by_supervisord(text: str, field: str) -> str:
    parser = UnhosedConfigParser()
    parser.read_string(text)
    return parser.get("program:staging-checkout-1", field) % {}


@pytest.mark.parametrize("value", ["", "100%", "a,b=c", "http://h:1/?a=%20#x", "a#b", "ä", "a;b"])
def test_supervisord_reads_back_the_environment_that_was_given(value):
    text = program({"VALUE": value, "PORT": "1"}).text()

    read = dict_of_key_value_pairs(as_read_by_supervisord(text, "environment"))

    assert read == {"VALUE": value, "PORT": "1"}


def test_python_is_the_interpreter_of_the_worker():
    text = program(command=("python", "-c", "print('a b')")).text()

    command = shlex.split(as_read_by_supervisord(text, "command"))

    assert command == [sys.executable, "-c", "print('a b')"]
    assert as_read_by_supervisord(text, "directory") == "/versions/checkout 1"


def test_another_program_is_left_as_it_is_named():
    text = program(command=("./server",)).text()

    assert as_read_by_supervisord(text, "command") == "./server"


@pytest.mark.parametrize("value", ["a\n[program:evil]\ncommand=evil", 'a",EVIL="b', "a'", "a ; b"])
def test_what_a_program_file_cannot_hold_is_refused(value):
    with pytest.raises(Refused):
        program({"VALUE": value}).text()
    with pytest.raises(Refused):
        program(command=("python", "\n" + value)).text()

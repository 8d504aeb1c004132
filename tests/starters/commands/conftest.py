"""Typing commands whose verbs only note what they were asked."""

import importlib

import pytest
from typer.testing import CliRunner

from starters.cli import app
from starters.main import run


@pytest.fixture
def typed(monkeypatch):
    """Replace one verb by a note of its arguments, type the words, and return the note."""

    def type_words(verb, *words, answer=0):
        asked = {}
        module, name = verb.rsplit(".", 1)

        def note(*args, **kwargs):
            asked.update(kwargs, args=args)
            return answer

        monkeypatch.setattr(importlib.import_module(f"starters.verbs.{module}"), name, note)
        result = CliRunner().invoke(app, list(words), env={"LOCKGATE_USER": ""})
        return result.exit_code, asked

    return type_words


@pytest.fixture
def lockgate(capsys):
    """Type a command that asks nobody; its exit code, and all that it said."""

    def type_words(*words):
        code = run(list(words))
        said = capsys.readouterr()
        return code, said.out + said.err

    return type_words

import pytest
from pydantic import ValidationError

from tests.builders import a_runbook
from workflows.domain.spec import RunbookSpec


@pytest.mark.parametrize("prose", [{}, {"text": "one", "file": "one.md"}])
def test_prose_stands_here_or_in_a_file(prose):
    with pytest.raises(ValidationError, match="either text or file"):
        RunbookSpec.model_validate(a_runbook(steps=prose))


def test_a_command_has_one_meaning():
    command = {"name": "stop", "run": "shopctl stop"}

    with pytest.raises(ValidationError, match="commands named twice: stop"):
        RunbookSpec.model_validate(a_runbook(commands=[command, command]))


def test_a_file_lies_in_the_catalogs_folder():
    with pytest.raises(ValidationError, match="pattern"):
        RunbookSpec.model_validate(a_runbook(steps={"file": "../secrets.md"}))

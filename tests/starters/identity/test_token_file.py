import pytest

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.identity.token_file import read_token

TOKEN = "0123456789abcdef"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    return path


def test_the_token_is_what_the_file_holds(file):
    assert read_token(file) == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_touch_is_refused(file, mode):
    file.chmod(mode)

    with pytest.raises(CommandFailed, match="chmod 600") as refused:
        read_token(file)
    assert refused.value.code == ExitCode.USAGE


@pytest.mark.parametrize("content", ["", "short", "two words of a sentence", "é" * 20, "a\0" * 20])
def test_what_is_no_token_is_refused_without_being_told(file, content):
    file.write_text(content)

    with pytest.raises(CommandFailed, match="at least 16") as refused:
        read_token(file)
    assert not content or content not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandFailed, match=r"nowhere: cannot be read: No such file"):
        read_token(tmp_path / "nowhere")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(CommandFailed, match="cannot be read"):
        read_token(tmp_path)

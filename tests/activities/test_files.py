from datetime import timedelta

import pytest

from activities.files import one_at_a_time, replace_file
from workflows.domain.errors import Unavailable


def test_a_replaced_file_is_whole_private_and_alone(tmp_path):
    file = tmp_path / "routes.json"
    file.write_text("old")

    replace_file(file, "new ä")

    assert file.read_text("utf-8") == "new ä"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_replaced_leaves_no_rest(tmp_path):
    folder = tmp_path / "taken"
    (folder / "inside").mkdir(parents=True)

    with pytest.raises(OSError, match="taken"):
        replace_file(folder, b"new")

    assert list(tmp_path.iterdir()) == [folder]


def test_a_lock_that_is_held_is_not_taken_a_second_time(tmp_path):
    lock = tmp_path / "lock"

    with (
        one_at_a_time(lock, within=timedelta(seconds=1)),
        pytest.raises(Unavailable, match="another change"),
        one_at_a_time(lock, within=timedelta(milliseconds=30)),
    ):
        pytest.fail("two hold one lock")


def test_a_lock_is_free_after_its_holder_failed(tmp_path):
    lock = tmp_path / "lock"
    with pytest.raises(KeyError), one_at_a_time(lock, within=timedelta(seconds=1)):
        raise KeyError

    with one_at_a_time(lock, within=timedelta(0)):
        pass

"""One checkpoint has one text, and nothing else is read as one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.audit_log.checkpoint import Checkpoint, read_checkpoint
from workflows.domain.audit_log.note import NoteUntrusted

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
SEEN = Checkpoint(origin="shop/audit", size=8, root=ROOT, at=NOON)
TEXT = (
    "shop/audit\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    "time 2026-03-01T12:00:00.000000Z\n"
)


def test_it_is_written_as_the_tools_of_other_logs_read_it():
    assert SEEN.text == TEXT
    assert read_checkpoint(TEXT) == SEEN


@given(
    st.integers(0, 2**62),
    st.binary(min_size=32, max_size=32),
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001
)
def test_what_was_written_is_read_back(size, root, at):
    written = Checkpoint(origin="o", size=size, root=root.hex(), at=at.replace(tzinfo=UTC))

    assert read_checkpoint(written.text) == written


def test_one_moment_has_one_text_in_every_zone():
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))

    assert SEEN.model_copy(update={"at": berlin}).text == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.removesuffix("\n"),
        TEXT + "more\n",
        TEXT.replace("\n8\n", "\n08\n"),
        TEXT.replace("\n8\n", "\n-8\n"),
        TEXT.replace("Qyg=", "Qyh="),
        TEXT.replace("time ", "at "),
        TEXT.replace(".000000Z", "Z"),
        TEXT.replace("2026-03-01", "2026-03-41"),
        TEXT.replace("shop/audit", "shop audit"),
    ],
)
def test_nothing_else_is_read_as_a_checkpoint(text):
    with pytest.raises(NoteUntrusted, match="not a checkpoint"):
        read_checkpoint(text)

from datetime import UTC, datetime

import pytest

from activities.notices.letter import letter, message_id
from workflows.domain.errors import Refused
from workflows.ports.notices import SendNotice

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
SENDER = "lockgate@shop.test"


def written(*, address="ana@shop.test", **changes):
    asked = {"to": "ana", "subject": "pr-7 ends", "text": "soon", "key": "k"} | changes
    return letter(SendNotice(address=address, **asked), to=address, sender=SENDER, at=NOON)


def test_the_same_key_is_the_same_message_and_another_key_another_one():
    assert written(subject="late", text="again")["Message-ID"] == written()["Message-ID"]
    assert written(key="other")["Message-ID"] != written()["Message-ID"]


def test_an_identifier_has_the_form_of_one_whatever_the_key():
    made = message_id("a key>\r\nBcc: x", SENDER)

    assert made.startswith("<notice.")
    assert made.endswith("@shop.test>")
    assert made.isprintable()


def test_a_long_subject_is_cut_and_a_long_name_as_well():
    message = written(to="n" * 500, subject="s" * 5_000)

    assert len(message["Subject"]) == 200
    assert message["To"].addresses[0].display_name == "n" * 100


def test_a_name_that_looks_like_an_address_stays_a_name():
    message = written(to='Ana" <all@shop.test>, x')

    (address,) = message["To"].addresses
    assert address.addr_spec == "ana@shop.test"


def test_who_has_no_usable_address_is_named():
    with pytest.raises(Refused, match="'ana' is no e-mail address, so ana was not told"):
        written(address="ana")


@pytest.mark.parametrize("text", ["é", "é" * 5_000])
def test_old_mail_servers_take_it_too(text):
    """They take no line of a thousand bytes, and no byte that is not ASCII."""
    raw = written(text=text, subject="ü" * 200).as_bytes()

    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert raw.isascii()


def test_what_others_wrote_cannot_move_the_cursor_of_who_reads_it():
    message = written(text="gone\x1b[2K\x00\nkept\x07")

    assert message.get_content().splitlines() == ["gone [2K", "kept"]

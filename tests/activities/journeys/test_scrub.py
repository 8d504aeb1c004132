import base64
import json
from urllib.parse import quote

import pytest

from activities.journeys.scrub import Scrubber
from workflows.domain.journeys.report import LONGEST_TEXT

SECRET = 'p\u00e4ss/w"rd+1'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_secret_is_recognised_in_the_forms_in_which_it_is_echoed(form):
    told = Scrubber([SECRET])(f"you sent {form}!")

    assert "***" in told
    assert form.strip('"') not in told


def test_a_text_is_cut_after_it_was_scrubbed():
    """Cut first, the half of a secret that is left would not be recognised."""
    secret = "s" * 40
    text = "x" * (LONGEST_TEXT - 20) + secret

    told = Scrubber([secret])(text)

    assert len(told) <= LONGEST_TEXT
    assert "ss" not in told


def test_the_longer_of_two_secrets_goes_first():
    assert Scrubber(["password", "password-two"])("password-two") == "***"


def test_what_is_hidden_later_counts_from_then_on():
    scrub = Scrubber()
    assert scrub("session-1234") == "session-1234"

    scrub.hide("session-1234")

    assert scrub("session-1234") == "***"


def test_an_empty_secret_hides_nothing():
    assert Scrubber([""])("text") == "text"

"""Hostile XML and JSON are refused in words, and nothing is expanded or fetched."""

import pytest
from pydantic import BaseModel

from activities.attestations.readers.unreadable import Unreadable, local, markup, parsed

BOMB = (
    b'<!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 10) for c in b"abcdefgh")
    + b"]><testsuite>&i;</testsuite>"
)
EXTERNAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite>&x;</testsuite>'
PARAMETER = b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]><testsuite/>'


@pytest.mark.parametrize("content", [BOMB, EXTERNAL, PARAMETER])
def test_nothing_is_expanded_or_fetched(content):
    with pytest.raises(Unreadable, match="declares entities or refers to other files"):
        markup(content)


@pytest.mark.parametrize(
    "content", [b"", b"<a", b"<a></b>", b"\x00<a/>", b'<?xml version="1.0" encoding="x"?><a/>']
)
def test_what_is_not_well_formed_is_refused(content):
    with pytest.raises(Unreadable, match="not well-formed"):
        markup(content)


def test_a_document_type_may_be_named_and_names_qualified():
    named = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><x:a xmlns:x="urn:x"/>'

    assert local(markup(named)) == "a"


class Part(BaseModel):
    count: int


class Whole(BaseModel):
    parts: list[Part]


def test_the_first_few_problems_are_told_with_their_places():
    document = {"parts": [{"count": "secret"}] * 9}

    with pytest.raises(Unreadable, match=r"^It: parts\.0\.count: .*; 4 more$") as refused:
        parsed(Whole, document, "It")

    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None

"""Envelopes are checked with keys alone, and nothing is read that no key verifies."""

import json

import pytest

from starters.audit.envelopes import told, verified
from starters.failures import CommandFailed
from tests.attesting import BUILD, a_key, a_statement, an_envelope, as_json, pem_of
from workflows.domain.attestations.statement import DENIAL

KEY = a_key()
SIGNED = an_envelope(a_statement(DENIAL, {}), KEY)


@pytest.fixture
def key(tmp_path):
    file = tmp_path / "key.pem"
    file.write_text(pem_of(KEY))
    return file


def test_a_denial_is_one(key):
    verdict = verified(SIGNED, [key], artifact=BUILD)

    assert (verdict.flaw, verdict.decision) == (None, "no go")
    assert told(verdict)["verified"] is True


def test_what_no_key_verifies_is_not_told(key):
    key.write_text(pem_of(a_key()))

    verdict = verified(SIGNED, [key], artifact=None)

    assert (verdict.statement, verdict.decision) == (None, None)
    assert told(verdict)["predicate"] is None


def test_any_changed_byte_of_what_was_signed_is_noticed(key):
    document = json.loads(SIGNED)
    document["payload"] = document["payload"].replace("e", "f", 1)

    assert verified(as_json(document), [key], artifact=None).flaw is not None


def test_a_signed_text_that_is_no_statement_is_not_verified(key):
    verdict = verified(an_envelope([], KEY), [key], artifact=None)

    assert verdict.flaw == "the payload is not a JSON object"


@pytest.mark.parametrize("text", ["hello", "\0"])
def test_a_file_without_a_key_is_an_error(key, text):
    key.write_text(text)

    with pytest.raises(CommandFailed, match="not a public key"):
        verified(SIGNED, [key], artifact=None)
    with pytest.raises(CommandFailed, match="cannot be read as a key"):
        verified(SIGNED, [key.with_name("none.pem")], artifact=None)

"""What is asked of the transit engine, and what of its answers is believed."""

import pytest

from activities.sealing.transit import TransitSigner
from tests.fakes.seals import FakeTransit
from workflows.domain.audit_log.note import opened
from workflows.domain.errors import Refused, TargetMissing

TEXT = "what is signed\n"


def test_what_is_signed_opens_with_the_key_that_is_told():
    note, key = TransitSigner(FakeTransit(), key="audit", origin="shop/log").sign(TEXT)

    assert opened(note, [key]) == TEXT
    assert key.name == "shop/log"


def test_the_key_is_that_of_the_version_that_signed():
    transit = FakeTransit()
    signer = TransitSigner(transit, key="audit", origin="shop/log")
    old = signer.sign(TEXT)[1]
    transit.rotate()

    note, new = signer.sign(TEXT)

    assert new.id != old.id
    assert opened(note, [old, new]) == TEXT


def test_a_key_of_another_type_is_refused():
    transit = FakeTransit()
    transit.type = "aes256-gcm96"

    with pytest.raises(Refused, match="of type aes256-gcm96"):
        TransitSigner(transit, key="audit", origin="o").sign(TEXT)


def test_a_signature_that_is_not_the_keys_is_refused():
    class Lying(FakeTransit):
        def read(self, path):
            self.rotate()
            found = super().read(path)
            found["data"]["keys"]["1"] = found["data"]["keys"]["2"]
            return found

    with pytest.raises(Refused, match="does not verify"):
        TransitSigner(Lying(), key="audit", origin="o").sign(TEXT)


def test_a_key_that_is_not_there_is_missing():
    with pytest.raises(TargetMissing):
        TransitSigner(FakeTransit(), key="another", origin="o").sign(TEXT)

"""Evidence is wired from the settings, or refused where they name no place for it."""

import pytest

from workers.attestations import attestations_of
from workflows.domain.errors import TargetMissing
from workflows.ports.attestations import ReadVerificationKeys


def test_its_bucket_its_vault_and_the_ledger_are_needed(parts):
    _, needs = attestations_of(parts)

    assert [(need.setting, need.address) for need in needs][0::2] == [
        ("vault.approles (cloud)", "http://127.0.0.1:1"),
        ("attestations.bucket", "bucket attestations at http://127.0.0.1:1"),
    ]


def test_without_a_place_for_evidence_nothing_is_needed_and_every_ask_refused(parts):
    settings = parts.settings.model_copy(update={"attestations": None})
    bare = type(parts)(
        settings=settings,
        queue=parts.queue,
        vault=parts.vault,
        client=parts.client,
        loop=parts.loop,
    )

    port, needs = attestations_of(bare)

    assert needs == ()
    with pytest.raises(TargetMissing, match=r"settings have no \[attestations\]"):
        port.read_verification_keys(ReadVerificationKeys())

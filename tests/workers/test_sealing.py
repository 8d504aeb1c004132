"""Where the record is sealed, as the settings name it."""

import pytest

from infra.settings import Settings
from workers.parts import Parts
from workers.sealing import sealing_of
from workflows.domain.errors import TargetMissing
from workflows.domain.names import Queue
from workflows.ports.sealing import ReadSeals

ENTRY = {
    "type": "s3",
    "bucket": "audit",
    "origin": "shop.example/log",
    "endpoint": "http://127.0.0.1:1",
    "credentials": "s3/local",
    "retention_days": 10,
}


class Vault:
    def keep_alive(self):
        """It is there."""


def parts(tmp_path, **sealing):
    settings = Settings.model_validate(
        {
            "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
            "ledger": {"url": f"sqlite:///{tmp_path / 'ledger.db'}"},
            **sealing,
        }
    )
    return Parts(settings=settings, queue=Queue.AUDIT, vault=Vault(), client=None, loop=None)


def test_the_place_is_what_the_settings_say(tmp_path):
    port, needs = sealing_of(parts(tmp_path, sealing=ENTRY))

    assert port._place.origin == "shop.example/log"
    assert port._place.retention.days == 10
    assert port._place.store.place == "s3://audit"
    assert [need.setting for need in needs] == [
        "vault.approles (audit)",
        "ledger.url",
        "sealing.bucket",
    ]


def test_without_settings_nothing_is_sealed_and_nothing_more_is_needed(tmp_path):
    port, needs = sealing_of(parts(tmp_path))

    assert [need.setting for need in needs] == ["ledger.url"]
    with pytest.raises(TargetMissing, match=r"no \[sealing\]"):
        port.read_seals(ReadSeals())

import asyncio

import pytest

from infra.settings import Settings, SettingsError
from tests.contract.mailroom import LOGIN, Certificate, mailroom
from tests.workers.vaults import Vault
from workers.notices import notices_of
from workers.parts import Parts
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.names import Queue
from workflows.ports.notices import SendNotice

ASK = SendNotice(to="ana", address="ana@shop.test", subject="s", text="t", key="k")


@pytest.fixture
def parts(tmp_path):
    def build(held=None, **notices):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "notices": {"host": "127.0.0.1", "sender": "l@shop.test", **notices}
                if notices
                else None,
            }
        )
        return Parts(
            settings=settings, queue=Queue.NOTICES, vault=Vault(held), client=None, loop=loop
        )

    loop = asyncio.new_event_loop()
    yield build
    loop.close()


def test_without_settings_nobody_is_told_and_nothing_is_needed(parts):
    port, needs = notices_of(parts())

    assert "[notices]" in port.send_notice(ASK).how
    assert needs == ()


def test_without_a_login_the_vault_is_not_asked_and_nothing_waits_for_mail(parts):
    with mailroom() as (room, mail_port):
        port, needs = notices_of(parts(port=mail_port, tls="none"))

        assert port.send_notice(ASK).sent

    assert room.to == ["ana@shop.test"]
    assert needs == ()


def test_it_logs_in_with_what_the_vault_holds_and_believes_the_file(parts, tmp_path):
    certificate = Certificate(tmp_path)
    held = {"username": LOGIN.username, "password": LOGIN.password}
    with mailroom(starttls=certificate.served) as (room, mail_port):
        made = parts(
            held, port=mail_port, credentials="mail/lockgate", ca_file=str(certificate.file)
        )
        port, needs = notices_of(made)

        assert port.send_notice(ASK).sent

    assert room.logged_in == [True]
    assert made.vault.asked == ["kv/mail/lockgate"]
    assert [need.setting for need in needs] == ["vault.approles (notices)"]


@pytest.mark.parametrize(
    ("held", "kind", "told"),
    [
        ({"username": "l"}, TargetMissing, "has no field `password`"),
        ({"password": "hunter2"}, TargetMissing, "has no field `username`"),
        ({"username": "l", "password": "hunter2-é"}, Refused, "is not ASCII"),
    ],
)
def test_a_secret_that_is_no_login_is_named_by_its_path_alone(parts, held, kind, told):
    port, _ = notices_of(parts(held, port=1, credentials="mail/lockgate"))

    with pytest.raises(kind, match=told) as refused:
        port.send_notice(ASK)

    assert "kv/mail/lockgate" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_a_problem_of_the_settings(parts, tmp_path, content):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SettingsError, match=r"notices\.ca_file: .*ca\.pem"):
        notices_of(parts(port=1, ca_file=str(file)))

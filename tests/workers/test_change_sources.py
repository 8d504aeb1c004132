import asyncio

import pytest

from infra.settings import Settings
from tests.workers.vaults import Vault
from workers.change_sources import change_sources_of
from workers.parts import Parts
from workflows.domain.errors import TargetMissing
from workflows.domain.names import Queue
from workflows.domain.risk.asking import PagerAsk, SourceAsk
from workflows.domain.values import Provider
from workflows.ports.sources import ReadChange, ReadOnCall

PAGERDUTY = {"type": "pagerduty", "url": "http://127.0.0.1:1", "credentials": "pagers/duty"}
PROMETHEUS = {"type": "prometheus", "url": "http://127.0.0.1:1"}


@pytest.fixture
def parts_of(tmp_path):
    loop = asyncio.new_event_loop()

    def make(held=None, **settings):
        return Parts(
            settings=Settings.model_validate(
                {
                    "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                    "ledger": {"url": "sqlite://"},
                    **settings,
                }
            ),
            queue=Queue.SOURCES,
            vault=Vault(held or {}),
            client=None,
            loop=loop,
        )

    yield make
    loop.close()


def git(tmp_path, **more):
    return {
        "mono": {"type": "git", "url": "http://127.0.0.1:1/x", "work_dir": str(tmp_path), **more}
    }


def source():
    mono = Provider(type="git", connection="mono")
    return SourceAsk(service="ledger", repository=mono, base="main", head="main")


def test_what_holds_no_credential_needs_no_vault(parts_of, tmp_path):
    _, needs = change_sources_of(
        parts_of(repositories=git(tmp_path), pagers={"alerts": PROMETHEUS})
    )

    assert [need.setting for need in needs] == ["pagers.alerts.url"]


def test_a_pager_with_a_token_needs_the_vault(parts_of):
    _, needs = change_sources_of(parts_of(pagers={"duty": PAGERDUTY}))

    assert [need.setting for need in needs] == ["vault.approles (sources)"]


def test_a_repository_that_the_settings_do_not_have_is_unknown_and_named(parts_of):
    port, _ = change_sources_of(parts_of())

    (unknown,) = port.read_change(ReadChange(sources=(source(),))).unknown

    assert unknown.why.startswith("repository git/mono is not in this worker's settings")


@pytest.mark.parametrize("held", [{"username": "bot"}, {"token": "t"}])
def test_a_secret_that_lacks_a_field_is_named_by_its_path(parts_of, tmp_path, held):
    parts = parts_of(held, repositories=git(tmp_path, credentials="git/mono"))
    port, _ = change_sources_of(parts)

    (unknown,) = port.read_change(ReadChange(sources=(source(),))).unknown

    assert unknown.why.startswith("vault: kv/git/mono has no field")
    assert parts.vault.asked == ["kv/git/mono"]


def test_a_pager_is_shown_what_the_vault_holds(parts_of):
    parts = parts_of({}, pagers={"duty": PAGERDUTY})
    port, _ = change_sources_of(parts)
    ask = PagerAsk(
        service="ledger", pager=Provider(type="pagerduty", connection="duty"), known_as="P1"
    )

    (unknown,) = port.read_on_call(ReadOnCall(pagers=(ask,), at="2026-11-10T12:00:00Z")).unknown

    assert unknown.why == "vault: kv/pagers/duty has no field `token`; write one"


def test_no_report_is_read_from_nowhere(parts_of):
    port, _ = change_sources_of(parts_of())

    with pytest.raises(TargetMissing, match="no store of evidence"):
        port._report("sha256:" + "0" * 64)

"""Secrets are planted, releases run, and then every place is searched that anybody might read."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from infra.local.processes import of_stack
from tests.e2e.at_rest import ask_vault, assert_at_rest, in_ledger
from tests.e2e.live_shop import LiveShop
from workflows.domain.release.phase import Phase

_LETTERS = "QZXJ"
_LENGTH = 24
_PLANTED = re.compile(f"[{_LETTERS}]{{{_LENGTH}}}".encode())
"""A leased password: no other text holds so many of these letters in a row."""
_TOKEN = re.compile(rb"\b[sb]\.[A-Za-z0-9]{24,}\b")
"""A token of OpenBao."""

_SEARCHED = ("logs/*", "platform/*/logs/*", "vault/audit.log", "temporal.toml")


@pytest.fixture
def planted(shop: LiveShop) -> Iterator[None]:
    """Logins that are leased for production from now on have passwords that can be searched."""
    policy = f'length = {_LENGTH}\nrule "charset" {{ charset = "{_LETTERS}" }}'
    connection = "database/config/shop-production"
    _told(shop, "PUT", "sys/policies/password/planted", {"policy": policy})
    _told(shop, "PUT", connection, {"password_policy": "planted"})
    yield
    _told(shop, "PUT", connection, {"password_policy": ""})


async def test_no_secret_is_found_in_histories_logs_records_or_processes(
    shop: LiveShop, planted: None
):
    version = shop.other_good("checkout")
    release = await shop.release("secrets", {"checkout": version})
    outcome = await release.ended()
    known = _secrets(shop)
    sample = _leased_password(shop)

    places = {name: text async for name, text in _places(shop)}
    found = {name: told for name, text in places.items() if (told := _found(text, known))}

    assert outcome.phase is Phase.HEALTHY
    assert _PLANTED.fullmatch(sample.encode()), "leased passwords are not the planted ones"
    assert len(known) > 10
    assert any(b"check_data" in text for name, text in places.items() if name.startswith("hist"))
    assert any(b"lease_opened" in text for text in places.values())
    assert found == {}
    await assert_at_rest(shop, release)


def _found(text: bytes, known: dict[str, bytes]) -> list[str]:
    """What of the secrets stands in *text*, by name: a failing test must not tell them either."""
    named = [name for name, secret in known.items() if secret in text]
    patterns = {"a leased password": _PLANTED, "a token": _TOKEN}
    return named + [name for name, pattern in patterns.items() if pattern.search(text)]


def _secrets(shop: LiveShop) -> dict[str, bytes]:
    """Every secret that the stack keeps in a file, by where it comes from."""
    home = shop.site.home
    kept = {
        **json.loads(home.credentials.read_text()),
        **json.loads((home.vault / "people.json").read_text()),
        "root token": (home.vault / "root-token").read_text(),
        **{f"{file.parent.name}'s AppRole": file.read_text() for file in _secret_ids(shop)},
    }
    del kept["s3_access_key"]  # a name, not a secret
    return {name: secret.strip().encode() for name, secret in kept.items()}


def _secret_ids(shop: LiveShop) -> list[Path]:
    return sorted(shop.site.home.approles.glob("*/secret-id"))


async def _places(shop: LiveShop) -> AsyncIterator[tuple[str, bytes]]:
    """Histories with their payloads as bytes, files, arguments and environments."""
    async for run in shop.client.list_workflows():
        handle = shop.client.get_workflow_handle(run.id, run_id=run.run_id)
        history = await handle.fetch_history()
        yield (
            f"history of {run.id} {run.run_id}",
            b"".join(event.SerializeToString() for event in history.events),
        )
    for pattern in _SEARCHED:
        for file in shop.site.home.root.glob(pattern):
            yield str(file), file.read_bytes()
    with in_ledger(shop) as ledger:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        for (table,) in ledger.execute(query).fetchall():
            with ledger.cursor().copy(f"COPY {table} TO STDOUT") as rows:
                yield f"the ledger's {table}", b"".join(bytes(row) for row in rows)
    for pid in of_stack(shop.site.home):
        process = Path("/proc") / str(pid)
        arguments = (process / "cmdline").read_bytes()
        yield f"arguments of {pid} {arguments[:80]!r}", arguments
        yield f"environment of {pid} {arguments[:80]!r}", (process / "environ").read_bytes()


def _leased_password(shop: LiveShop) -> str:
    """One more login as the worker gets it, given back at once."""
    leased = _told(shop, "GET", "database/creds/shop-production-read")
    _told(shop, "PUT", "sys/leases/revoke", {"lease_id": leased["lease_id"], "sync": True})
    return leased["data"]["password"]


def _told(shop: LiveShop, method: str, path: str, body: dict | None = None) -> dict:
    answer = ask_vault(shop, method, path, body)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else {}

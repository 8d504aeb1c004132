"""The payload codec on a real OpenBao: rotation, retirement, foreign keys."""

import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import hvac
import hvac.exceptions
import pytest
import requests
from temporalio.api.common.v1 import Payload

from activities.secrets import open_vault
from infra.codec import PayloadCodec, PayloadLocked
from workers.parts import connector
from workers.telemetry import _free_port
from workers.transit import TransitKeys

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"approver":"ana"}')
TOKEN = "contract-root"
NOTHING = 'path "transit/*" { capabilities = ["deny"] }'


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    beside = Path(sys.executable).with_name("bao")
    bao = str(beside) if beside.exists() else shutil.which("bao")
    assert bao, "no bao: pip install -r requirements/dev.lock"
    address = f"127.0.0.1:{_free_port()}"
    command = [bao, "server", "-dev", f"-dev-root-token-id={TOKEN}", "-dev-no-store-token"]
    command += [f"-dev-listen-address={address}", "-log-level=error"]
    home = {"HOME": str(tmp_path_factory.mktemp("home"))}
    with subprocess.Popen(
        command, env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            with requests.Session() as session:
                session.trust_env = False
                client = hvac.Client(f"http://{address}", token=TOKEN, timeout=5, session=session)
                _wait_for(client)
                client.sys.enable_secrets_engine("transit")
                client.sys.enable_auth_method("approle")
                yield client
        finally:
            server.terminate()


@pytest.fixture
def transit(vault, tmp_path):
    """A transit key of this test's own, and its keys as a pool's AppRole may ask for them."""
    name = f"payloads-{uuid.uuid4().hex[:8]}"
    vault.secrets.transit.create_key(name, key_type="aes256-gcm96")
    allowed = f"""
        path "transit/datakey/plaintext/{name}" {{ capabilities = ["update"] }}
        path "transit/decrypt/{name}" {{ capabilities = ["update"] }}
    """
    return name, TransitKeys(_signed_in(vault, tmp_path, name, allowed), name)


def _signed_in(root, folder, role, policy):
    root.sys.create_or_update_policy(role, policy)
    root.write_data(f"auth/approle/role/{role}", data={"token_policies": [role]})
    role_id = root.read(f"auth/approle/role/{role}/role-id")["data"]["role_id"]
    secret_id = root.write_data(f"auth/approle/role/{role}/secret-id")["data"]["secret_id"]
    (folder / "role-id").write_text(role_id)
    (folder / "secret-id").write_text(secret_id)
    return open_vault(connector(root.url), folder)


def _wait_for(client):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if client.sys.is_initialized() and not client.sys.is_sealed():
                return
        except (requests.RequestException, hvac.exceptions.VaultError):
            pass
        time.sleep(0.05)
    raise TimeoutError("OpenBao did not come up")


async def test_what_one_worker_seals_another_opens(transit):
    _, keys = transit
    sealed = await PayloadCodec(keys).encode([PLAIN, PLAIN])

    assert await PayloadCodec(keys).decode(sealed) == [PLAIN, PLAIN]
    assert sealed[0].metadata["encryption-key"].startswith(b"vault:v1:")


async def test_payloads_of_before_a_rotation_of_the_transit_key_still_open(vault, transit):
    name, keys = transit
    before = await PayloadCodec(keys).encode([PLAIN])

    vault.secrets.transit.rotate_key(name)
    after = await PayloadCodec(keys).encode([PLAIN])

    assert after[0].metadata["encryption-key"].startswith(b"vault:v2:")
    assert await PayloadCodec(keys).decode([*before, *after]) == [PLAIN, PLAIN]


async def test_a_version_that_was_retired_no_longer_opens(vault, transit):
    name, keys = transit
    old = await PayloadCodec(keys).encode([PLAIN])
    vault.secrets.transit.rotate_key(name)
    vault.secrets.transit.update_key_configuration(name, min_decryption_version=2)

    with pytest.raises(PayloadLocked, match="disallowed"):
        await PayloadCodec(keys).decode(old)


async def test_what_another_pool_may_not_decrypt_stays_locked(vault, transit, tmp_path):
    _, keys = transit
    vault.secrets.transit.create_key("foreign", key_type="aes256-gcm96")
    sealed = await PayloadCodec(keys).encode([PLAIN])
    foreign = TransitKeys(_signed_in(vault, tmp_path, "stranger", NOTHING), "foreign")

    with pytest.raises(PayloadLocked, match="permission denied"):
        await PayloadCodec(foreign).encode([PLAIN])
    with pytest.raises(PayloadLocked, match="permission denied"):
        await PayloadCodec(foreign).decode(sealed)


async def test_a_data_key_under_another_transit_key_does_not_open(vault, transit, tmp_path):
    _, keys = transit
    vault.secrets.transit.create_key("elsewhere", key_type="aes256-gcm96")
    allowed = 'path "transit/datakey/plaintext/elsewhere" { capabilities = ["update"] }'
    (tmp_path / "other").mkdir()
    other = TransitKeys(_signed_in(vault, tmp_path / "other", "other", allowed), "elsewhere")
    sealed = await PayloadCodec(other).encode([PLAIN])

    with pytest.raises(PayloadLocked):
        await PayloadCodec(keys).decode(sealed)


async def test_a_data_key_is_never_made_under_a_transit_key_that_does_not_exist(vault, tmp_path):
    """`encrypt` makes a missing key by itself; `datakey` must not."""
    allowed = 'path "transit/*" { capabilities = ["update"] }'
    keys = TransitKeys(_signed_in(vault, tmp_path, "absent", allowed), "absent")

    with pytest.raises(PayloadLocked, match="'absent'"):
        await PayloadCodec(keys).encode([PLAIN])

"""What synthetic customers sign in with, on a real OpenBao under the local stack's own policy."""

import hvac.exceptions
import pytest

from activities.secrets import open_vault
from infra.local.vault_policies import policy
from tests.loopback import eventually
from workers.aws import KV
from workflows.domain.errors import Refused, TargetMissing


@pytest.fixture
def vault(openbao, tmp_path):
    """As the pool `journeys`, with secrets of its own and of others beside them."""
    root = openbao.root
    root.sys.enable_auth_method("approle")
    root.sys.enable_secrets_engine("kv", path=KV, options={"version": "2"})
    # A new engine of version 2 refuses writes for the moment that it needs to set itself up.
    eventually(lambda: _takes_writes(root), "the new engine")
    for path in ("journeys/production/shop", "s3/local"):
        root.write_data(f"{KV}/data/{path}", data={"data": {"login": "hunter2-hunter2"}})
    root.sys.create_or_update_policy("lockgate-journeys", policy("journeys"))
    folder = openbao.admit("journeys", tmp_path, token_policies=["lockgate-journeys"])
    return open_vault(openbao.connect, folder)


def _takes_writes(root):
    try:
        root.write_data(f"{KV}/data/probe", data={"data": {}})
    except hvac.exceptions.InvalidRequest:
        return False
    return True


def test_the_pool_reads_the_secrets_of_journeys_and_no_others(vault):
    assert vault.read_secret(f"{KV}/journeys/production/shop") == {"login": "hunter2-hunter2"}

    with pytest.raises(Refused, match="permission denied"):
        vault.read_secret(f"{KV}/s3/local")
    with pytest.raises(TargetMissing):
        vault.read_secret(f"{KV}/journeys/production/nothing")

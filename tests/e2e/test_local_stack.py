"""The real stack, once: every component is killed, and what it held is still there."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore
import hvac
import psycopg
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local import stack
from infra.local.component import Site
from infra.local.home import ENVIRONMENTS, Home
from infra.local.processes import of_stack
from infra.local.supervision import Supervisor
from infra.settings import Settings, load_settings

_CORE = frozenset({"worker", "load"})
_COMPONENTS = (
    "openbao",
    "temporal",
    "postgres",
    "seaweedfs",
    "envoy-staging",
    "envoy-production",
    "alerts",
)


def _up(home: Home) -> stack.Up:
    return stack.up(home, without=_CORE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = Home(tmp_path_factory.mktemp("stack") / "state")
    try:
        yield _up(home).site
    finally:
        stack.down(home)


@pytest.fixture(scope="module")
def settings(site: Site) -> Settings:
    return load_settings(site.home.settings)


def _login(settings: Settings, pool: str) -> hvac.Client:
    folder = settings.vault.approles / pool
    client = hvac.Client(url=settings.vault.address)
    client.auth.approle.login((folder / "role-id").read_text(), (folder / "secret-id").read_text())
    return client


def _leasing(settings: Settings) -> hvac.Client:
    """What a lease is taken with: a token of its own, made by the pool `data`."""
    made = _login(settings, "data").write_data("auth/token/create/lockgate-lease", data={})
    return hvac.Client(url=settings.vault.address, token=made["auth"]["client_token"])


def _bucket(settings: Settings, **credentials: Any) -> Any:
    store = settings.artifacts["builds"]
    return boto3.client("s3", endpoint_url=store.endpoint, region_name=store.region, **credentials)


def _signed_bucket(settings: Settings) -> Any:
    keys = _login(settings, "cloud").read("kv/data/s3/local")["data"]["data"]
    return _bucket(
        settings,
        aws_access_key_id=keys["access_key"],
        aws_secret_access_key=keys["secret_key"],
    )


def _answer(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()


def _eventually(holds: Callable[[], bool], *, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
    return True


def _mentioning(home: Home) -> list[str]:
    found = subprocess.run(
        ["pgrep", "-f", str(home.root)], capture_output=True, text=True, check=False
    )
    return found.stdout.split()


def test_a_second_up_verifies_and_starts_nothing(site: Site):
    before = {name: process.pid for name, process in Supervisor(site.home).processes().items()}

    result = _up(site.home)

    after = {name: process.pid for name, process in Supervisor(site.home).processes().items()}
    assert result.already
    assert before == after


def test_everything_is_healthy(site: Site):
    listed = stack.status(site.home)

    assert {one.name for one in listed} >= set(_COMPONENTS)
    assert [one for one in listed if one.problem] == []


@pytest.mark.parametrize("name", _COMPONENTS)
def test_a_killed_component_comes_back(site: Site, name: str):
    before = Supervisor(site.home).processes()[name].pid

    stack.kill(site.home, name)

    assert Supervisor(site.home).processes()[name].pid != before


def test_the_vault_unseals_itself_and_keeps_its_secrets(site: Site, settings: Settings):
    stack.kill(site.home, "openbao")

    keys = _login(settings, "cloud").read("kv/data/s3/local")["data"]["data"]

    assert keys["access_key"] == site.credentials.s3_access_key


def test_objects_outlive_a_kill(site: Site, settings: Settings):
    _signed_bucket(settings).put_object(Bucket="builds", Key="kept", Body=b"release")

    stack.kill(site.home, "seaweedfs")

    kept = _signed_bucket(settings).get_object(Bucket="builds", Key="kept")["Body"]
    with kept:
        assert kept.read() == b"release"


def test_nobody_reads_or_writes_objects_without_a_signature(settings: Settings):
    anonymous = _bucket(settings, config=Config(signature_version=botocore.UNSIGNED))

    with pytest.raises(ClientError, match="AccessDenied"):
        anonymous.list_objects_v2(Bucket="builds")
    with pytest.raises(ClientError, match="AccessDenied"):
        anonymous.put_object(Bucket="builds", Key="planted", Body=b"")


def test_evidence_can_be_locked(settings: Settings):
    lock = _signed_bucket(settings).get_object_lock_configuration(Bucket="evidence")

    assert lock["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_leased_login_reads_its_own_database_until_it_is_revoked(
    settings: Settings, environment: str
):
    client, database = _leasing(settings), settings.databases[environment]
    lease = client.read(f"database/creds/{database.vault_role}")
    address = {"host": database.host, "port": database.port}
    login = {"user": lease["data"]["username"], "password": lease["data"]["password"]}
    other = next(name for name in ENVIRONMENTS if name != environment)

    with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
        psycopg.connect(**address, **login, dbname=f"shop_{other}")
    with psycopg.connect(**address, **login, dbname=database.name, autocommit=True) as session:
        session.execute("SELECT 1")
        client.sys.revoke_lease(lease["lease_id"])

        assert _eventually(lambda: _ended(session))
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(**address, **login, dbname=database.name)


def _ended(session: psycopg.Connection[Any]) -> bool:
    try:
        session.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def test_a_pool_reaches_nothing_of_another(settings: Settings):
    with pytest.raises(hvac.exceptions.Forbidden):
        _login(settings, "data").read("kv/data/s3/local")
    with pytest.raises(hvac.exceptions.Forbidden):
        _login(settings, "stories").read("database/creds/shop-production-read")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_service_without_version_says_so(settings: Settings, environment: str):
    for port in settings.routers[environment].listeners.values():
        assert _answer(port) == 503


def test_a_killed_supervisor_leaves_nothing_that_the_next_up_trips_over(site: Site):
    supervisor = int((site.home.root / "supervisord.pid").read_text())
    orphans = set(of_stack(site.home)) - {supervisor}
    os.kill(supervisor, signal.SIGKILL)

    result = _up(site.home)

    assert not result.already
    assert orphans.isdisjoint(of_stack(site.home))
    assert [one for one in stack.status(site.home) if one.problem] == []


def test_down_leaves_no_process_and_up_finds_everything_again(site: Site, settings: Settings):
    _signed_bucket(settings).put_object(Bucket="builds", Key="over-night", Body=b"release")

    stack.down(site.home)

    assert of_stack(site.home) == []
    assert _mentioning(site.home) == []
    _up(site.home)
    objects = _signed_bucket(settings).list_objects_v2(Bucket="builds")["Contents"]
    assert "over-night" in {entry["Key"] for entry in objects}


def test_the_root_token_is_in_its_file_and_nowhere_else(site: Site):
    token = (site.home.vault / "root-token").read_text()

    holders = [
        path
        for path in site.home.root.rglob("*")
        if path.is_file() and not path.is_symlink() and _holds(path, token)
    ]

    assert holders == [site.home.vault / "root-token"]


def _holds(path: Path, text: str) -> bool:
    return text.encode() in path.read_bytes()

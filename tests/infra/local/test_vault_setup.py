"""What OpenBao is told, over the wire of hvac, once and again."""

import json
from dataclasses import replace
from urllib.parse import urlsplit

import hvac
import pytest
import requests

from infra.local.component import Site
from infra.local.home import ENVIRONMENTS
from infra.local.settings_file import write_settings
from infra.local.vault_policies import LEASE_ROLE, POOLS
from infra.local.vault_setup import GROUPS, PEOPLE, configure
from infra.settings import load_settings
from infra.sign_in import sign_in

TOKEN = "root-token-of-the-test"


class WireBao:
    """Keeps what is written by path, and answers reads from it as OpenBao would."""

    def __init__(self):
        self.written = {}
        self.writes = []
        self.mounts = {"sys/mounts": {}, "sys/auth": {"token/": {}}}
        self.tokens = set()
        self.refuses = None

    def send(self, _adapter, request, **_):
        path = urlsplit(request.url).path.removeprefix("/v1/")
        self.tokens.add(request.headers["X-Vault-Token"])
        if path == self.refuses:
            return self._response(request, 503, {"errors": ["Vault is sealed"]})
        if request.method == "GET":
            return self._response(request, 200, {"data": self._read(path)})
        body = json.loads(request.body or b"{}")
        self._write(path, body)
        answer = {"secret_id": f"secret {len(self.writes)}"} if path.endswith("secret-id") else {}
        return self._response(request, 200, {"data": answer})

    def _write(self, path, body):
        self.writes.append(path)
        self.written[path] = body
        for kind, mounted in self.mounts.items():
            if path.startswith(f"{kind}/"):
                name = path.removeprefix(f"{kind}/") + "/"
                assert name not in mounted, "OpenBao refuses to enable a path twice"
                mounted[name] = {"accessor": f"accessor of {name}"}

    def _read(self, path):
        if path in self.mounts:
            return self.mounts[path]
        name = path.rpartition("/")[2]
        known = {"role-id": {"role_id": f"the {path}"}, "lockgate": {"client_id": "client"}}
        return known.get(name, {"id": f"id of {name}"})

    @staticmethod
    def _response(request, status, body):
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, request.url
        response.headers["Content-Type"] = "application/json"
        response._content = json.dumps(body).encode()
        return response


@pytest.fixture
def bao(monkeypatch):
    wire = WireBao()

    def send(adapter, request, **more):
        return wire.send(adapter, request, **more)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    return wire


@pytest.fixture
def configured(bao, site):
    configure(site, token=TOKEN)
    return bao


def kept(home):
    files = [*home.approles.rglob("*-id"), home.vault / "people.json"]
    return {file: file.read_text() for file in files}


def test_engines_and_logins_are_enabled_once(configured, site: Site):
    configure(site, token=TOKEN)  # the wire refuses a second time

    assert set(configured.mounts["sys/mounts"]) == {"kv/", "database/", "transit/"}
    assert set(configured.mounts["sys/auth"]) == {"token/", "approle/", "userpass/", "jwt/"}
    assert configured.tokens == {TOKEN}


def test_set_up_again_it_replaces_no_credential_that_somebody_uses(configured, site: Site):
    before = kept(site.home)

    configure(site, token=TOKEN)

    assert kept(site.home) == before
    assert len(before) == 2 * len(POOLS) + 1


def test_each_pool_has_a_login_of_its_own_that_only_its_owner_can_read(configured, site: Site):
    for pool in POOLS:
        files = [site.home.approles / pool / name for name in ("role-id", "secret-id")]
        role = configured.written[f"auth/approle/role/{pool}"]

        assert role["token_policies"] == [f"lockgate-{pool}"]
        assert role["token_no_default_policy"] is True
        assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
        assert f"sys/policy/lockgate-{pool}" in configured.written
    assert len({(site.home.approles / pool / "secret-id").read_text() for pool in POOLS}) == len(
        POOLS
    )


def test_a_login_that_was_half_written_is_granted_anew(bao, site: Site):
    (site.home.approles / "data").mkdir(parents=True)
    (site.home.approles / "data" / "role-id").write_text("left behind")

    configure(site, token=TOKEN)

    assert (site.home.approles / "data" / "role-id").read_text() != "left behind"
    assert (site.home.approles / "data" / "secret-id").exists()


def test_a_leased_login_reads_one_database_and_ends_with_its_sessions(configured):
    for environment in ENVIRONMENTS:
        role = configured.written[f"database/roles/shop-{environment}-read"]
        made = " ".join(role["creation_statements"])
        ended = role["revocation_statements"]

        assert f'GRANT CONNECT ON DATABASE shop_{environment} TO "{{{{name}}}}";' in made
        assert "PASSWORD '{{password}}'" in made
        assert "pg_read_all_data" in made
        assert "ALL PRIVILEGES" not in made
        assert ended[0] == 'ALTER ROLE "{{name}}" NOLOGIN;'
        assert "pg_terminate_backend" in ended[1]
        assert ended[-1] == 'DROP ROLE IF EXISTS "{{name}}";'
        assert role["default_ttl"] == "60s"


def test_each_environment_s_connection_serves_that_environment_s_role_alone(
    configured, site: Site
):
    for environment in ENVIRONMENTS:
        connection = configured.written[f"database/config/shop-{environment}"]

        assert connection["allowed_roles"] == [f"shop-{environment}-read"]
        assert (
            f"127.0.0.1:{site.ports['postgres']}/shop_{environment}?"
            in (connection["connection_url"])
        )
        assert site.credentials.postgres_vault not in connection["connection_url"]
        assert connection["password"] == site.credentials.postgres_vault


def test_a_lease_s_own_token_can_only_lease_and_ends_with_its_parent(configured):
    role = configured.written[f"auth/token/roles/{LEASE_ROLE}"]

    assert role["allowed_policies"] == [LEASE_ROLE]
    assert role["orphan"] is False
    assert role["token_no_default_policy"] is True


def test_the_keys_of_the_cloud_are_where_its_own_pool_may_read_them(configured, site: Site):
    write_settings(replace(site, added=frozenset({"aws"})))
    cloud = load_settings(site.home.settings).environments["preview"]

    assert configured.written[f"kv/data/{cloud.credentials}"]["data"] == {
        "access_key": site.credentials.aws_access_key,
        "secret_key": site.credentials.aws_secret_key,
    }
    assert cloud.credentials.startswith("environments/")
    assert cloud.endpoint == site.url("aws")


def test_the_keys_of_the_objects_are_where_the_settings_say(configured, site: Site):
    assert configured.written["kv/data/s3/local"]["data"] == {
        "access_key": site.credentials.s3_access_key,
        "secret_key": site.credentials.s3_secret_key,
    }


def test_people_have_passwords_of_their_own_and_belong_to_their_groups(configured, site: Site):
    file = site.home.vault / "people.json"
    known = json.loads(file.read_text())

    assert set(known) == set(PEOPLE)
    assert len(set(known.values())) == len(PEOPLE)
    assert file.stat().st_mode & 0o777 == 0o600
    login = configured.written["auth/userpass/users/ana"]
    assert (login["password"], login["token_ttl"]) == (known["ana"], "1h")
    # Written to one path each, the last one is what the wire still knows.
    assert configured.written["identity/group"]["name"] == list(GROUPS)[-1]
    assert configured.writes.count("identity/group") == len(GROUPS)


def test_the_identity_provider_names_the_groups_and_this_stack_as_issuer(configured, site: Site):
    provider = configured.written["identity/oidc/provider/lockgate"]

    assert provider["issuer"] == site.url("openbao")
    assert provider["allowed_client_ids"] == ["client"]
    assert provider["scopes_supported"] == ["groups"]
    assert (
        "identity.entity.groups.names"
        in (configured.written["identity/oidc/scope/groups"]["template"])
    )


def test_the_command_line_and_the_worker_learn_where_people_sign_in(configured, site: Site):
    signing_in = sign_in({"LOCKGATE_HOME": str(site.home.root)})
    write_settings(site)

    trusted = load_settings(site.home.settings).identity["local"]
    assert signing_in.issuer == f"{site.url('openbao')}/v1/identity/oidc/provider/lockgate"
    assert (trusted.issuer, trusted.audience) == (signing_in.issuer, signing_in.client_id)
    assert site.home.identity.stat().st_mode & 0o777 == 0o600


def test_a_set_up_that_was_interrupted_is_finished_by_the_next(bao, site: Site):
    bao.refuses = "identity/oidc/client/lockgate"
    with pytest.raises(hvac.exceptions.VaultDown, match="Vault is sealed"):
        configure(site, token=TOKEN)
    before = kept(site.home)

    bao.refuses = None
    configure(site, token=TOKEN)

    assert kept(site.home) == before
    assert "identity/oidc/provider/lockgate" in bao.written

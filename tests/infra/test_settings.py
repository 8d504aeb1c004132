"""A settings file is understood whole, or every problem in it is told at once."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.settings import (
    SETTINGS_VARIABLE,
    AppConfigFlags,
    EcrStore,
    FlagdFile,
    PrometheusSource,
    S3Store,
    SettingsError,
    load_settings,
)

LEAST = """
[vault]
address = "http://vault.test:8200"
approles = "approles"
[ledger]
url = "sqlite:///ledger.db"
"""
EVERYTHING = (
    LEAST
    + """
[worker]
http_port = 9100
graceful_shutdown_seconds = 0
[codec]
transit_key = "payloads"
[artifacts.staging]
type = "s3"
bucket = "builds"
[artifacts.production]
type = "ecr"
prefix = "shop/"
[routers.production]
type = "envoy"
config_dir = "envoy"
admin_url = "http://envoy.test:9901"
listeners = { checkout = 10000 }
[platforms.production]
type = "supervisor"
control = "supervisor.sock"
include_dir = "conf.d"
work_dir = "versions"
environ = { SHOP = "1" }
[platforms.cloud]
type = "ecs"
cluster = "shop"
templates = "ecs"
images = "registry.test/shop/"
prefix = "cloud-"
[metrics.production]
type = "prometheus"
url = "http://prometheus.test:9090"
[databases.shop]
type = "postgresql"
host = "db.test"
port = 5432
name = "shop"
vault_role = "shop-read"
[flags.staging]
type = "flagd"
file = "flags.json"
ofrep = "http://flagd.test:8016"
[flags.production]
type = "appconfig"
application = "abc1234"
environment = "def5678"
profile = "ghi9012"
strategy = "jkl3456"
"""
)


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "settings.toml"
        path.write_text(text)
        return path

    return write


def problems(path):
    with pytest.raises(SettingsError) as raised:
        load_settings(path)
    return str(raised.value).splitlines()


def test_vault_and_ledger_are_enough_and_the_worker_stays_on_loopback(file):
    settings = load_settings(file(LEAST))

    assert settings.worker.http_host == "127.0.0.1"
    assert (settings.codec, settings.ledger.vault_role) == (None, None)
    assert settings.artifacts == settings.routers == settings.databases == {}


def test_each_connection_is_of_the_kind_that_its_type_says(file):
    settings = load_settings(file(EVERYTHING))

    assert isinstance(settings.artifacts["staging"], S3Store)
    assert isinstance(settings.artifacts["production"], EcrStore)
    assert isinstance(settings.metrics["production"], PrometheusSource)
    assert settings.routers["production"].listeners == {"checkout": 10000}
    assert settings.platforms["production"].environ == {"SHOP": "1"}
    assert isinstance(settings.flags["staging"], FlagdFile)
    assert isinstance(settings.flags["production"], AppConfigFlags)
    assert settings.worker.graceful_shutdown_seconds == 0


def test_the_file_is_the_one_that_the_environment_names(file, monkeypatch):
    monkeypatch.setenv(SETTINGS_VARIABLE, str(file(LEAST)))

    assert load_settings().vault.address == "http://vault.test:8200"


def test_a_file_that_is_given_goes_before_the_one_of_the_environment(file, monkeypatch, tmp_path):
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "other.toml"))

    assert load_settings(file(LEAST)).vault.approles == Path("approles")


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_file_it_is_said_how_to_name_one(monkeypatch, value):
    if value is None:
        monkeypatch.delenv(SETTINGS_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(SETTINGS_VARIABLE, value)

    with pytest.raises(SettingsError, match=r"LOCKGATE_SETTINGS is not set: .*lockgate dev up"):
        load_settings()


def test_a_file_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "none.toml"

    assert problems(path) == [f"{path}: cannot be read: No such file or directory"]
    assert problems(tmp_path) == [f"{tmp_path}: cannot be read: Is a directory"]


def test_what_is_not_toml_is_told_with_its_line(file):
    path = file("[vault]\naddress: http\n")

    (problem,) = problems(path)

    assert problem.startswith(f"{path}: not TOML: ")
    assert "line 2" in problem


def test_an_empty_file_names_each_part_that_it_lacks(file):
    path = file("")

    assert problems(path) == [f"{path}: vault: Field required", f"{path}: ledger: Field required"]


def test_every_problem_is_told_at_once_with_its_place(file):
    path = file(
        EVERYTHING.replace('address = "http://vault.test:8200"\n', "")
        .replace("http_port = 9100", 'http_prot = 9100\nhttp_port = "many"')
        .replace("port = 5432", "port = 54.32")
    )

    told = {line.removeprefix(f"{path}: ").split(": ")[0] for line in problems(path)}

    assert told == {
        "vault.address",
        "worker.http_prot",
        "worker.http_port",
        "databases.shop.port",
    }


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("[vautl]", "vautl"),
        ("[codec]\ntransit_key = 'k'\nkey = 'x'", "codec.key"),
        (
            "[artifacts.a]\ntype = 's3'\nbucket = 'b'\nsecret_key = 'x'",
            "artifacts.a.s3.secret_key",
        ),
    ],
)
def test_a_field_that_nobody_reads_is_a_problem_and_not_ignored(file, more, place):
    (problem,) = problems(file(LEAST + more))

    assert f": {place}: Extra inputs are not permitted" in problem


def test_a_kind_of_connection_that_there_is_not_is_a_problem(file):
    told = problems(file(LEAST + "[routers.production]\ntype = 'istio'"))

    assert any(
        "routers.production: " in line and "'alb', 'envoy', 'route53'" in line for line in told
    )


def test_a_worker_cannot_be_given_less_than_no_time_to_end(file):
    (problem,) = problems(file(LEAST + "[worker]\ngraceful_shutdown_seconds = -1"))

    assert "worker.graceful_shutdown_seconds" in problem


def test_a_value_that_may_be_a_secret_is_not_repeated(file):
    told = problems(file(LEAST + "[codec]\ntransit_key = 7\npassword = 'planted'"))

    assert len(told) == 2
    assert "planted" not in "\n".join(told)


def test_settings_cannot_change_while_a_worker_runs(file):
    settings = load_settings(file(LEAST))

    with pytest.raises(ValidationError, match="frozen"):
        settings.vault.address = "http://elsewhere.test"


def test_a_slip_in_one_kind_of_store_says_nothing_of_the_other_kind(file):
    told = problems(file(LEAST + "[artifacts.a]\ntype = 's3'\nbuckt = 'builds'"))

    assert len(told) == 2
    assert not any("prefix" in line or "ecr" in line for line in told)


def test_a_prefix_that_ecs_takes_in_no_name_is_a_problem(file):
    entry = "type = 'ecs'\ncluster = 'c'\ntemplates = 't'\nimages = 'i/'\nprefix = 'a.'"

    (problem,) = problems(file(LEAST + f"[platforms.a]\n{entry}"))

    assert "platforms.a.ecs.prefix" in problem


@pytest.mark.parametrize(
    ("part", "known"),
    [
        ("artifacts", "'s3', 'ecr'"),
        ("metrics", "'exposition', 'prometheus'"),
        ("platforms", "'supervisor', 'ecs'"),
    ],
)
def test_an_unknown_type_names_the_known_ones(file, part, known):
    (problem,) = problems(file(LEAST + f"[{part}.a]\ntype = 'other'"))

    assert f": {part}.a: " in problem
    assert (
        f"'other' found using 'type' does not match any of the expected tags: {known}" in problem
    )


ZONE = """
[routers.dns]
type = "route53"
zone_id = "Z1"
names = { checkout = "shop.example.test" }
target = "{arm}.versions.example.test"
"""
LISTENER = """
[routers.edge]
type = "alb"
listener_arn = "arn:listener/one"
hosts = { checkout = "shop.example.test", payments = "pay.example.test" }
priorities = { checkout = 10, payments = 12 }
"""


def test_the_routers_of_the_guide_are_read_as_they_stand_there(file):
    guide = Path(__file__).parents[2] / "docs/how-to/route-traffic.md"
    blocks = re.findall(r"^```toml\n(.*?)^```", guide.read_text("utf-8"), re.MULTILINE | re.DOTALL)

    settings = load_settings(file(LEAST + "".join(blocks)))

    assert {entry.type for entry in settings.routers.values()} == {"alb", "envoy", "route53"}


def test_routers_of_aws_are_read_by_their_type(file):
    settings = load_settings(file(LEAST + ZONE + LISTENER))

    assert settings.routers["dns"].ttl_seconds == 60
    assert settings.routers["edge"].priorities == {"checkout": 10, "payments": 12}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{arm}.versions", "versions", "must hold {arm}"),
        ("{arm}.versions", "{build}.versions", "only {arm} and {service} are known"),
        ('"Z1"', '"Z1"\nttl_seconds = 0', "greater than or equal to 1"),
        ("payments = 12", "payments = 11", "priorities lie two apart"),
        ("payments = 12", "payments = 1", "2 to 50000"),
        (", payments = 12", "", "needs a host and a priority: payments"),
    ],
)
def test_what_no_router_could_be_made_of_is_named(file, before, after, said):
    (problem,) = problems(file(LEAST + (ZONE + LISTENER).replace(before, after)))

    assert said in problem

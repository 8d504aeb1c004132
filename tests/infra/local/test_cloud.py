"""The AWS emulator as a component: on loopback alone, and writing nowhere but in the stack."""

from dataclasses import replace

from infra.local.cloud import AWS
from infra.local.component import Site
from tests.infra.local.answering import answering


def test_it_listens_on_one_port_of_loopback(site: Site):
    told = AWS.environment(site)

    assert told["BIND_HOST"] == "127.0.0.1"
    assert told["GATEWAY_PORT"] == str(site.ports["aws"])
    assert told["IOT_MTLS_ENABLED"] == "0"


def test_what_it_writes_stays_in_the_stack_s_directory(site: Site):
    AWS.prepare(site)

    folder = site.home.data("aws")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {AWS.environment(site)[name] for name in ("HOME", "TMPDIR")} == {str(folder)}


def test_it_is_well_once_it_answers_on_its_own_port(site: Site):
    with answering() as server:
        site = replace(site, ports=site.ports | {"aws": server.port})
        server.status = 503

        assert "status 503" in str(AWS.problem and AWS.problem(site))
        server.status = 200
        assert AWS.problem is not None
        assert AWS.problem(site) is None

    assert set(server.paths) == {"/_ministack/health"}

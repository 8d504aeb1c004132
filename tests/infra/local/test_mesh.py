import json

from infra.local.component import Site
from infra.local.mesh import boot_config, envoy


def test_each_service_has_a_listener_named_after_it_with_its_own_routes(site: Site):
    listeners = boot_config(site, "staging")["static_resources"]["listeners"]

    for listener in listeners:
        connections = listener["filter_chains"][0]["filters"][0]["typed_config"]
        port = listener["address"]["socket_address"]["port_value"]
        assert connections["stat_prefix"] == listener["name"]
        assert connections["rds"]["route_config_name"] == listener["name"]
        assert port == site.ports[f"envoy-staging-{listener['name']}"]


def test_everything_listens_on_loopback_alone(site: Site):
    boot = json.dumps(boot_config(site, "production"))

    assert boot.count('"address": "127.0.0.1"') == 4


def test_a_service_without_version_answers_503(site: Site):
    envoy("staging").prepare(site)

    routes = json.loads((site.home.envoy("staging") / "rds-checkout.json").read_text())

    answer = routes["resources"][0]["virtual_hosts"][0]["routes"][0]["direct_response"]
    assert answer["status"] == 503


def test_routes_that_a_release_wrote_outlive_a_restart(site: Site):
    routes = site.home.envoy("staging") / "rds-checkout.json"
    routes.write_text("written by a release")

    envoy("staging").prepare(site)

    assert routes.read_text() == "written by a release"

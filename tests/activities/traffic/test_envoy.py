"""What a real Envoy seldom does: silence, half an answer, a file that nobody takes."""

import json
from datetime import timedelta

import httpx
import pytest

from activities.connections import Connections
from activities.traffic import ROUTERS, envoy
from activities.traffic.envoy import EnvoyRouter
from activities.traffic.envoy_config import route_config
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.traffic.route import Route
from workflows.domain.values import Provider, arm_name, digest_of

V1 = digest_of("v1")
NOTHING = route_config("checkout", Route())


class Admin:
    """Serves one route for ever, whatever is written to files."""

    def __init__(self, **answers: httpx.Response) -> None:
        self.answers = answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "stats" in request.url.path:
            return self.answers.get("stats") or httpx.Response(200, json={"stats": []})
        if request.url.params["resource"] == "dynamic_active_clusters":
            return httpx.Response(200, json={})
        dump = {"configs": [{"version_info": "0", "route_config": NOTHING}]}
        return self.answers.get("dump") or httpx.Response(200, json=dump)


@pytest.fixture
def router(tmp_path, monkeypatch):
    monkeypatch.setattr(envoy, "_CONFIRMED_WITHIN", timedelta(milliseconds=50))

    def make(**answers: httpx.Response) -> EnvoyRouter:
        return EnvoyRouter(
            config_dir=tmp_path,
            admin_url="http://envoy.test/",
            services=["checkout"],
            instances=tmp_path,
            client=httpx.Client(transport=httpx.MockTransport(Admin(**answers))),
        )

    return make


def publish(folder, **changes) -> None:
    instance = {"service": "checkout", "version": "v1", "digest": V1, "endpoint": "127.0.0.1:1"}
    file = folder / f"{arm_name('checkout', V1)}.json"
    file.write_text(json.dumps({**instance, **changes}))


def test_every_router_of_the_table_is_found_by_its_type(router):
    connected = router()
    staging = Provider(type="envoy", connection="staging")

    assert isinstance(Connections("router", {staging: connected})(staging), ROUTERS["envoy"])


def test_a_file_that_envoy_does_not_take_is_asked_about_again(router, tmp_path):
    publish(tmp_path)

    with pytest.raises(Unavailable, match=r"cds\.json: Envoy has not taken it"):
        router().serve("checkout", Route(stable=V1), instead_of=Route())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(503), "answered 503"),
        (httpx.Response(200, text="starting"), "answered no JSON"),
        (httpx.Response(200, json={"configs": []}), "has not loaded the route"),
    ],
)
def test_an_envoy_that_cannot_say_what_it_serves_is_unavailable(router, answer, reason):
    with pytest.raises(Unavailable, match=reason):
        router(dump=answer).read("checkout")


def test_a_service_without_listener_is_missing_and_the_others_are_named(router):
    with pytest.raises(TargetMissing, match="no listener for 'payments': checkout"):
        router().read("payments")


def test_an_instance_file_that_makes_no_sense_is_refused(router, tmp_path):
    publish(tmp_path, digest="v1")

    with pytest.raises(Refused, match="not a published instance"):
        router().serve("checkout", Route(stable=V1), instead_of=Route())


def test_a_clusters_file_that_makes_no_sense_is_refused(router, tmp_path):
    publish(tmp_path)
    (tmp_path / "cds.json").write_text("{")

    with pytest.raises(Refused, match=r"cds\.json: not JSON"):
        router().serve("checkout", Route(stable=V1), instead_of=Route())

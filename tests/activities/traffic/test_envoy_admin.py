"""What is read out of the answers of Envoy's admin interface."""

import re

import httpx
import pytest

from activities.traffic.envoy_admin import EnvoyAdmin
from workflows.domain.errors import Refused, TargetMissing, Unavailable

ROUTE = {"name": "checkout", "virtual_hosts": []}


class Admin:
    """Answers every question with *answer* and keeps what was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def __call__(self, request):
        self.asked.append(request.url)
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, httpx.Response):
            return self.answer
        return httpx.Response(200, json=self.answer)


def admin_of(wire, url="http://envoy.test/"):
    return EnvoyAdmin(url, httpx.Client(transport=httpx.MockTransport(wire)))


def configs(*found):
    return Admin({"configs": list(found)})


def stats(*found):
    return Admin({"stats": list(found)})


def test_each_route_is_told_by_its_name_with_its_version():
    wire = configs(
        {"version_info": "7", "route_config": ROUTE},
        {"route_config": {"name": "payments"}},
    )

    served = admin_of(wire).served()

    assert served == {"checkout": ("7", ROUTE), "payments": ("", {"name": "payments"})}
    assert str(wire.asked[0]) == ("http://envoy.test/config_dump?resource=dynamic_route_configs")


def test_a_route_that_was_refused_from_the_start_is_not_served():
    """Envoy lists it with the error and without a route."""
    wire = configs({"error_state": {"details": "no such cluster"}})

    assert admin_of(wire).served() == {}


def test_only_clusters_that_have_warmed_up_take_requests():
    wire = configs({"version_info": "7", "cluster": {"name": "checkout-1"}}, {"error_state": {}})

    assert admin_of(wire).clusters() == {"checkout-1"}
    assert wire.asked[0].params["resource"] == "dynamic_active_clusters"


def test_an_envoy_that_was_given_nothing_serves_nothing():
    assert admin_of(Admin({})).served() == {}
    assert admin_of(Admin({})).clusters() == frozenset()


def test_figures_are_read_beside_the_histograms_that_envoy_adds():
    assert admin_of(stats({"name": "x", "value": "v7"})).cluster_version() == "v7"
    assert admin_of(stats({"histograms": {}}, {"name": "x", "value": 2})).clusters_rejected() == 2


def test_what_envoy_has_not_counted_yet_is_nought():
    admin = admin_of(stats())

    assert (admin.cluster_version(), admin.clusters_rejected()) == ("", 0)
    assert admin.routes_rejected("checkout") == 0


def test_the_rejections_asked_for_are_those_of_one_service():
    wire = stats({"name": "x", "value": 3})

    assert admin_of(wire).routes_rejected("check.out") == 3

    asked = wire.asked[0].params
    assert asked["format"] == "json"
    assert re.search(asked["filter"], "http.ingress.rds.check.out.update_rejected")
    assert not re.search(asked["filter"], "http.ingress.rds.checkXout.update_rejected")
    assert not re.search(asked["filter"], "http.ingress.rds.check.out.v2.update_rejected")


def test_the_requests_under_way_are_those_of_one_version():
    wire = stats({"name": "x", "value": 2})

    assert admin_of(wire).requests_under_way("check.out-1") == 2
    assert admin_of(stats()).requests_under_way("check.out-1") == 0

    (asked,) = [url.params["filter"] for url in wire.asked]
    assert re.search(asked, "cluster.check.out-1.upstream_rq_active")
    assert not re.search(asked, "cluster.check.out-12.upstream_rq_active")


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (httpx.Response(503), Unavailable, "answered 503"),
        (httpx.Response(404), TargetMissing, "answered 404"),
        (httpx.Response(400), Refused, "answered 400"),
        (httpx.Response(200, text="starting"), Unavailable, "config_dump: answered no JSON"),
        (httpx.ConnectError("refused"), Unavailable, "cannot be reached"),
        (httpx.ReadTimeout("slow"), Unavailable, "did not answer in time"),
    ],
)
def test_an_envoy_that_does_not_say_is_told_by_what_to_do(answer, kind, said):
    with pytest.raises(kind, match=said) as problem:
        admin_of(Admin(answer)).served()

    assert type(problem.value) is kind
    assert "nvoy" in str(problem.value)

"""One suite for the fake router and a real Envoy; then what only a real one can show."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.files import replace_file
from activities.traffic.activities import TrafficActivities
from activities.traffic.router import Router
from tests.contract.envoy_mesh import SERVICE, Mesh, Server, serving, until
from tests.fakes.traffic import FakeRouter
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.plan import HeaderRoute
from workflows.domain.route import Route
from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.ports.traffic import ShiftTraffic, WithdrawVersion

V1, V2, V9 = (digest_of(f"checkout {version}") for version in ("v1", "v2", "v9"))
STABLE = Route(stable=V1, release="release-1")
CANARY = Route(stable=V1, canary=V2, percent=25, release="release-2")
HEADER = HeaderRoute(header="x-canary", value="always")
TARGET = Target(service=SERVICE, environment="test")
ROUTER = Provider(type="any", connection="test")


@pytest.fixture
def v1() -> Iterator[Server]:
    with serving("v1") as server:
        yield server


@pytest.fixture
def v2() -> Iterator[Server]:
    with serving("v2") as server:
        yield server


@pytest.fixture
def mesh(tmp_path: Path, v1: Server, v2: Server) -> Iterator[Mesh]:
    mesh = Mesh(tmp_path)
    mesh.publish(V1, "v1", v1.server_port)
    mesh.publish(V2, "v2", v2.server_port)
    mesh.start()
    try:
        yield mesh
    finally:
        mesh.client.close()
        mesh.kill()


@pytest.fixture(params=["fake", "envoy"])
def router(request: pytest.FixtureRequest) -> Router:
    if request.param == "envoy":
        return request.getfixturevalue("mesh").router
    fake = FakeRouter(services={SERVICE, "unwatched"})
    fake.missing = {V9}
    return fake


@pytest.fixture
def traffic(router: Router) -> TrafficActivities:
    return TrafficActivities(lambda _: router)


def shift(canary: str | None = V2, percent: int = 25, **more) -> ShiftTraffic:
    asked = {"stable": V1, "canary": canary, "percent": percent, "release": "release-2", **more}
    return ShiftTraffic(target=TARGET, router=ROUTER, **asked)


def withdraw(restore: str | None = V1) -> WithdrawVersion:
    return WithdrawVersion(
        target=TARGET, router=ROUTER, version=V2, restore=restore, release="release-2"
    )


@pytest.mark.parametrize(
    "route",
    [
        STABLE,
        CANARY,
        CANARY.model_copy(update={"header": HEADER, "percent": 0}),
        CANARY.model_copy(update={"percent": 100}),
        Route(release="release-3"),
    ],
    ids=str,
)
def test_a_route_is_read_back_as_it_was_set(router, route):
    assert router.read(SERVICE) == Route()

    router.serve(SERVICE, route, instead_of=Route())

    assert router.read(SERVICE) == route


def test_serving_what_is_served_already_is_harmless(router):
    router.serve(SERVICE, CANARY, instead_of=Route())

    router.serve(SERVICE, CANARY, instead_of=CANARY)

    assert router.read(SERVICE) == CANARY


def test_a_route_that_somebody_changed_meanwhile_is_left_as_it_is(router):
    router.serve(SERVICE, STABLE, instead_of=Route())

    with pytest.raises(Diverged, match="all traffic to nothing"):
        router.serve(SERVICE, CANARY, instead_of=Route())

    assert router.read(SERVICE) == STABLE


def test_a_version_that_does_not_run_is_never_routed_to(router):
    router.serve(SERVICE, STABLE, instead_of=Route())

    with pytest.raises(TargetMissing):
        router.serve(SERVICE, CANARY.model_copy(update={"canary": V9}), instead_of=STABLE)

    assert router.read(SERVICE) == STABLE


def test_a_service_unknown_to_the_router_is_missing(router):
    with pytest.raises(TargetMissing):
        router.read("nosuch")


def test_a_ladder_ends_with_the_new_version_alone(traffic, router):
    traffic.shift_traffic(shift(canary=None, percent=0))

    for percent in (0, 25, 100):
        assert traffic.shift_traffic(shift(percent=percent)).percent == percent
    last = shift(canary=None, percent=0, stable=V2, replaces=V1)

    assert traffic.shift_traffic(last) == Route(stable=V2, release="release-2")


def test_withdrawing_restores_the_old_version_and_can_be_repeated(traffic, router):
    router.serve(SERVICE, STABLE, instead_of=Route())
    traffic.shift_traffic(shift())

    first, second = traffic.withdraw_version(withdraw()), traffic.withdraw_version(withdraw())

    assert first == second == Route(stable=V1, release="release-2")


def test_a_foreign_version_is_never_overwritten(traffic, router):
    foreign = Route(stable=V2, release="somebody")
    router.serve(SERVICE, foreign, instead_of=Route())

    with pytest.raises(Diverged, match="somebody"):
        traffic.shift_traffic(shift(canary=None))

    assert router.read(SERVICE) == foreign


def test_envoy_sends_a_quarter_to_the_canary_and_counts_each_version(mesh):
    mesh.router.serve(SERVICE, CANARY, instead_of=Route())

    answers = [mesh.get().text for _ in range(600)]

    # Five standard deviations of a binomial around 150.
    assert 97 <= answers.count("v2") <= 203
    assert answers.count("v1") + answers.count("v2") == 600
    counted = (
        'envoy_cluster_external_upstream_rq_xx{envoy_response_code_class="2",'
        f'envoy_cluster_name="{arm_name(SERVICE, V2)}"}} {answers.count("v2")}'
    )
    buckets = (
        'envoy_cluster_external_upstream_rq_time_bucket{envoy_cluster_name="'
        f'{arm_name(SERVICE, V2)}"'
    )
    until(lambda: counted in mesh.ask_admin("stats/prometheus"))
    until(lambda: buckets in mesh.ask_admin("stats/prometheus"))


def test_envoy_sends_the_header_to_the_canary_and_nobody_else(mesh):
    route = CANARY.model_copy(update={"header": HEADER, "percent": 0})
    mesh.router.serve(SERVICE, route, instead_of=Route())

    assert {mesh.get(**{"x-canary": "always"}).text for _ in range(20)} == {"v2"}
    assert {mesh.get(**{"x-canary": "sometimes"}).text for _ in range(20)} == {"v1"}
    assert {mesh.get().text for _ in range(20)} == {"v1"}


def test_envoy_without_a_version_answers_503(mesh):
    mesh.router.serve(SERVICE, STABLE, instead_of=Route())
    mesh.router.serve(SERVICE, Route(), instead_of=STABLE)

    answer = mesh.get()

    assert (answer.status_code, answer.text) == (503, "no version\n")


def test_envoy_keeps_the_route_over_a_restart(mesh):
    mesh.router.serve(SERVICE, CANARY, instead_of=Route())

    mesh.kill()
    with pytest.raises(Unavailable, match="cannot be reached"):
        mesh.router.read(SERVICE)
    mesh.start()

    assert mesh.router.read(SERVICE) == CANARY
    assert {mesh.get().text for _ in range(60)} == {"v1", "v2"}


def test_envoy_finishes_requests_to_a_version_that_is_withdrawn(mesh, v2):
    mesh.router.serve(SERVICE, Route(stable=V2), instead_of=Route())
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(mesh.get("/slow").text))
    asking.start()
    assert v2.arrived.wait(timeout=10)

    mesh.router.serve(SERVICE, STABLE, instead_of=Route(stable=V2))
    v2.released.set()
    asking.join()

    assert answers == ["v2"]
    assert arm_name(SERVICE, V2) not in mesh.ask_admin("clusters")
    assert mesh.get().text == "v1"


def test_clusters_that_no_release_wrote_are_kept(mesh):
    kind = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    other = {"@type": kind, "name": "other", "type": "STATIC", "connect_timeout": "1s"}
    other["load_assignment"] = {"cluster_name": "other"}
    clusters = {"version_info": "1", "resources": [other]}
    replace_file(mesh.config / "cds.json", json.dumps(clusters))

    mesh.router.serve(SERVICE, CANARY, instead_of=Route())
    mesh.router.serve(SERVICE, STABLE, instead_of=CANARY)

    kept = json.loads((mesh.config / "cds.json").read_text())["resources"]
    assert [cluster["name"] for cluster in kept] == [arm_name(SERVICE, V1), "other"]


def test_a_route_changed_by_hand_is_noticed_and_left(mesh):
    """The route in the metadata is what a release said; the weights are what Envoy does."""
    mesh.router.serve(SERVICE, CANARY, instead_of=Route())
    file = mesh.config / f"rds-{SERVICE}.json"
    changed = json.loads(file.read_text())
    (routes,) = changed["resources"][0]["virtual_hosts"]
    routes["routes"][0]["route"]["weighted_clusters"]["clusters"][0]["weight"] = 60
    replace_file(file, json.dumps({**changed, "version_info": "by hand"}))
    until(lambda: '"by hand"' in mesh.ask_admin("config_dump?resource=dynamic_route_configs"))

    with pytest.raises(Diverged, match="not written by a release"):
        mesh.router.read(SERVICE)

    assert json.loads(file.read_text())["version_info"] == "by hand"


def test_what_envoy_rejects_is_refused_and_taken_back(mesh):
    mesh.router.serve(SERVICE, STABLE, instead_of=Route())
    file = mesh.config / f"rds-{SERVICE}.json"
    good = file.read_bytes()
    spoilt = HeaderRoute(header="not a header\n", value="1")

    with pytest.raises(Refused, match="Envoy rejected it"):
        mesh.router.serve(SERVICE, CANARY.model_copy(update={"header": spoilt}), instead_of=STABLE)

    assert file.read_bytes() == good
    assert mesh.router.read(SERVICE) == STABLE


def test_a_listener_that_is_not_loaded_may_come_later(mesh):
    with pytest.raises(Unavailable, match="not loaded"):
        mesh.router.read("unwatched")


def test_two_releases_change_one_mesh_at_a_time(mesh):
    """Both believe that nothing is served; exactly one of them is right when it comes to it."""
    outcomes: list[str] = []

    def serve(route: Route) -> None:
        try:
            mesh.router.serve(SERVICE, route, instead_of=Route())
            outcomes.append("served")
        except Diverged:
            outcomes.append("diverged")

    threads = [threading.Thread(target=serve, args=(route,)) for route in (STABLE, CANARY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["diverged", "served"]

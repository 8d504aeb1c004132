"""What only a real Envoy can show of its router: who is served, by real requests."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from activities.files import replace_file
from tests.contract.envoy_mesh import SERVICE, Mesh, Server, serving
from tests.contract.routing import CANARY, HEADER, STABLE, V1, V2
from tests.loopback import eventually
from workflows.domain.errors import Diverged, Refused, Unavailable
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name


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
    eventually(lambda: counted in mesh.ask_admin("stats/prometheus"))
    eventually(lambda: buckets in mesh.ask_admin("stats/prometheus"))


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
    (host,) = changed["resources"][0]["virtual_hosts"]
    weighted = [r["route"] for r in host["routes"] if "weighted_clusters" in r["route"]]
    for route in weighted:
        route["weighted_clusters"]["clusters"][0]["weight"] = 60
    replace_file(file, json.dumps({**changed, "version_info": "by hand"}))
    eventually(lambda: '"by hand"' in mesh.ask_admin("config_dump?resource=dynamic_route_configs"))

    with pytest.raises(Diverged, match="not written by a release"):
        mesh.router.read(SERVICE)

    assert weighted
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


@pytest.mark.parametrize("by", ["header", "cookie"])
def test_a_session_never_goes_back_while_the_share_grows(mesh, by):
    affinity = Affinity(by=by, name="session-id")
    known_by = {
        "header": lambda user: {"session-id": user},
        "cookie": lambda user: {"cookie": f"session-id={user}"},
    }[by]
    users = [f"user-{number}" for number in range(150)]
    before, served = Route(), []

    for percent in (10, 30, 60):
        route = CANARY.model_copy(update={"percent": percent, "affinity": affinity})
        mesh.router.serve(SERVICE, route, instead_of=before)
        before = route
        answers = {user: {mesh.get(**known_by(user)).text for _ in range(2)} for user in users}
        assert all(len(versions) == 1 for versions in answers.values())
        served.append({user for user in users if answers[user] == {"v2"}})

    ten, thirty, sixty = served
    assert ten < thirty < sixty < set(users)


def test_who_brings_no_session_is_split_at_random(mesh):
    affinity = Affinity(by="cookie", name="session-id")
    route = CANARY.model_copy(update={"percent": 50, "affinity": affinity})
    mesh.router.serve(SERVICE, route, instead_of=Route())

    assert {mesh.get().text for _ in range(60)} == {"v1", "v2"}


def test_sessions_of_a_version_that_is_withdrawn_go_over_with_their_next_request(mesh):
    affinity = Affinity(by="header", name="session-id")
    route = CANARY.model_copy(update={"percent": 50, "affinity": affinity})
    mesh.router.serve(SERVICE, route, instead_of=Route())
    theirs = [
        user for user in map(str, range(40)) if mesh.get(**{"session-id": user}).text == "v2"
    ]
    assert theirs

    mesh.router.serve(SERVICE, STABLE, instead_of=route)

    assert {mesh.get(**{"session-id": user}).text for user in theirs} == {"v1"}


def test_a_withdrawn_version_is_waited_for_until_its_requests_have_ended(mesh, v2, monkeypatch):
    mesh.router.serve(SERVICE, Route(stable=V2), instead_of=Route())
    mesh.router._drained_within = timedelta(seconds=30)
    looks: list[int] = []
    under_way = mesh.router._admin.requests_under_way
    monkeypatch.setattr(
        mesh.router._admin,
        "requests_under_way",
        lambda cluster: looks.append(under_way(cluster)) or looks[-1],
    )
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(mesh.get("/slow").text))
    asking.start()
    assert v2.arrived.wait(timeout=10)
    shifting = threading.Thread(
        target=lambda: mesh.router.serve(SERVICE, STABLE, instead_of=Route(stable=V2))
    )
    shifting.start()
    eventually(lambda: len(looks) > 3)

    assert shifting.is_alive()
    assert mesh.router.read(SERVICE) == STABLE
    v2.released.set()
    for thread in (asking, shifting):
        thread.join(timeout=10)

    assert (answers, looks[0], looks[-1]) == (["v2"], 1, 0)
    assert not shifting.is_alive()


def test_copies_go_to_the_canary_and_nobody_waits_for_them(mesh, v2):
    copied = CANARY.model_copy(update={"percent": 0, "mirror": 100})
    mesh.router.serve(SERVICE, copied, instead_of=Route())

    assert {mesh.get().text for _ in range(20)} == {"v1"}

    eventually(lambda: len(v2.asked) == 20)
    for _ in range(5):
        mesh.client.post(f"http://127.0.0.1:{mesh.port}/")
    assert mesh.get().text == "v1"
    eventually(lambda: len(v2.asked) == 21)
    assert "POST" not in v2.asked

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.traffic.envoy_config import (
    Published,
    clusters_for,
    clusters_of,
    discovery,
    ours,
    read_route,
    route_config,
    twin_of,
)
from workflows.domain.errors import Diverged
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name, digest_of

OLD, NEW = digest_of("old"), digest_of("new")
CANARY = Route(
    stable=OLD,
    canary=NEW,
    percent=25,
    header=HeaderRoute(header="x-canary", value="1"),
    release="release-1",
)
routes = st.one_of(
    st.builds(Route, stable=st.sampled_from([None, OLD]), release=st.none() | st.text()),
    st.builds(
        Route,
        stable=st.just(OLD),
        canary=st.just(NEW),
        percent=st.integers(0, 100),
        header=st.none() | st.builds(HeaderRoute, header=st.text(), value=st.text()),
        affinity=st.none()
        | st.builds(Affinity, by=st.sampled_from(["header", "cookie"]), name=st.text()),
        mirror=st.integers(0, 100),
        release=st.text(),
    ),
)


@given(routes)
def test_a_route_in_envoy_s_words_is_the_same_route(route):
    config = json.loads(json.dumps(route_config("checkout", route)))

    assert read_route("checkout", config) == route
    arms = {arm_name("checkout", digest) for digest in route.digests}
    assert arms <= clusters_of(config) <= arms | {twin_of(arm) for arm in arms}


def test_the_header_comes_before_the_shares_and_the_canary_before_the_stable_version():
    config = route_config("checkout", CANARY)

    header, _, shares = config["virtual_hosts"][0]["routes"]

    assert header["route"]["cluster"] == twin_of(arm_name("checkout", NEW))
    assert [part["weight"] for part in shares["route"]["weighted_clusters"]["clusters"]] == [
        25,
        75,
    ]
    assert "retry_policy" not in shares["route"]


def test_sessions_are_hashed_and_the_canary_comes_first_so_that_it_keeps_them():
    sessions = CANARY.model_copy(update={"affinity": Affinity(by="cookie", name="session")})
    config = route_config("checkout", sessions)

    action = config["virtual_hosts"][0]["routes"][-1]["route"]

    # A `ttl` would look as if Envoy set the cookie; across weighted clusters it sets none.
    assert action["hash_policy"] == [{"cookie": {"name": "session"}}]
    assert action["weighted_clusters"]["use_hash_policy"] is True
    assert action["weighted_clusters"]["clusters"][0]["name"] == arm_name("checkout", NEW)


def test_only_requests_that_may_be_repeated_are_copied():
    copied = CANARY.model_copy(update={"header": None, "percent": 0, "mirror": 30})
    _, safe, shares = route_config("checkout", copied)["virtual_hosts"][0]["routes"]

    (method,) = safe["match"]["headers"]
    assert method["string_match"]["safe_regex"]["regex"] == "GET|HEAD|OPTIONS"
    (policy,) = safe["route"]["request_mirror_policies"]
    assert policy["cluster"] == arm_name("checkout", NEW)
    assert policy["runtime_fraction"]["default_value"] == {"numerator": 30}
    assert "request_mirror_policies" not in shares["route"]


@pytest.mark.parametrize(
    "where",
    [
        lambda config: config["virtual_hosts"][0]["routes"][-1]["route"][
            "weighted_clusters"
        ].update(runtime_key_prefix="mine"),
        lambda config: config["virtual_hosts"][0]["routes"][-1]["route"].update(
            retry_policy={"retry_on": "5xx"}
        ),
        lambda config: config["virtual_hosts"][0].update(
            request_mirror_policies=[{"cluster": "mine"}]
        ),
        lambda config: config.update(request_mirror_policies=[{"cluster": "mine"}]),
        lambda config: config["virtual_hosts"].insert(
            0, {"name": "mine", "domains": ["a.test"], "routes": []}
        ),
    ],
    ids=["runtime weights", "retries", "copies of a host", "copies of all", "another host"],
)
def test_whatever_changes_who_serves_whom_is_noticed(where):
    config = route_config("checkout", CANARY)
    where(config)

    with pytest.raises(Diverged, match="was not written by a release"):
        read_route("checkout", config)


def test_a_first_route_that_serves_nothing_is_no_version():
    nothing = {"match": {"prefix": "/"}, "direct_response": {"status": 503}}
    config = {
        "name": "checkout",
        "virtual_hosts": [{"name": "checkout", "domains": ["*"], "routes": [nothing]}],
    }

    assert read_route("checkout", config) == Route()
    assert not ours(config)


@pytest.mark.parametrize(
    "change",
    [
        {"cluster": "mine"},
        {"weighted_clusters": {"clusters": [{"name": "mine", "weight": 1}]}},
        {"cluster_header": "x-where"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_forwarding_that_no_release_set_is_diverged(change):
    config = route_config("checkout", CANARY)
    config["virtual_hosts"][0]["routes"][-1]["route"] = change

    with pytest.raises(Diverged, match="was not written by a release"):
        read_route("checkout", config)


def test_a_cluster_holds_one_version_at_its_endpoint():
    published = Published(service="checkout", version="v2", digest=NEW, endpoint="[::1]:8080")

    config, twin = clusters_for(published, marked=True)

    (group,) = config["load_assignment"]["endpoints"]
    address = group["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]
    assert config["name"] == arm_name("checkout", NEW)
    assert (address["address"], address["port_value"]) == ("::1", 8080)
    assert ours(config)
    assert twin == {
        **config,
        "name": twin_of(config["name"]),
        "load_assignment": {
            **config["load_assignment"],
            "cluster_name": twin_of(config["name"]),
        },
    }


def test_who_is_no_customer_is_measured_apart():
    """Testers by their header on the canary, synthetic journeys on the version beside it."""
    header, synthetic, shares = route_config("checkout", CANARY)["virtual_hosts"][0]["routes"]

    assert header["match"]["headers"][0]["name"] == "x-canary"
    assert synthetic["match"]["headers"] == [{"name": "x-synthetic", "present_match": True}]
    assert synthetic["route"]["cluster"] == twin_of(arm_name("checkout", OLD))
    measured = {part["name"] for part in shares["route"]["weighted_clusters"]["clusters"]}
    assert measured == {arm_name("checkout", NEW), arm_name("checkout", OLD)}


def test_the_version_of_a_file_is_its_content():
    text, version = discovery([route_config("checkout", CANARY)])

    assert (
        json.loads(text)["version_info"] == version == discovery(json.loads(text)["resources"])[1]
    )
    assert discovery([])[1] != version

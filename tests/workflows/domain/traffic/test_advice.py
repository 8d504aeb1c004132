"""Which router is advised for whom, with the numbers that speak for it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.traffic.advice import Fit, RouterKind, RouterOption, advise
from workflows.domain.traffic.clients import Clients

HALF_AN_HOUR = timedelta(minutes=30)
MESH, ALB, DNS, HEADER = (
    RouterKind.MESH,
    RouterKind.ALB,
    RouterKind.WEIGHTED_DNS,
    RouterKind.HEADER,
)


def clients(**more) -> Clients:
    return Clients(**{"rps": 40, **more})


def option(kind: RouterKind, **more) -> RouterOption:
    (found,) = [each for each in advise(clients(**more)).options if each.router is kind]
    return found


@pytest.mark.parametrize(
    ("behaviour", "best"),
    [
        ({}, MESH),
        ({"runs_on": "aws"}, ALB),
        ({"runs_on": "aws", "sessions": True}, MESH),
        ({"runs_on": "aws", "exposure": "internal"}, MESH),
        ({"exposure": "internal", "grpc": True, "kinds": ("service",)}, MESH),
        ({"long_lived": True, "runs_on": "aws"}, MESH),
        ({"rps": 0.05}, HEADER),
        ({"rps": 0.05, "runs_on": "aws"}, HEADER),
    ],
    ids=str,
)
def test_who_behaves_so_is_advised_this(behaviour, best):
    advice = advise(clients(**behaviour))

    assert advice.recommended is advice.options[0].router is best
    assert advice.options[0].fit is Fit.RECOMMENDED
    assert [each.fit for each in advice.options].count(Fit.RECOMMENDED) == 1


@pytest.mark.parametrize(
    ("kind", "behaviour", "because", "need"),
    [
        (ALB, {}, "does not run on AWS", "the service on AWS"),
        (
            ALB,
            {"runs_on": "aws", "sessions": True, "kinds": ("mobile",)},
            "its own cookie, which these clients do not return",
            "clients that return cookies",
        ),
        (
            DNS,
            {"dns_caching": HALF_AN_HOUR},
            "keep an address for 30m beyond its TTL",
            "clients that look up again when the TTL is over",
        ),
        (DNS, {"long_lived": True}, "never looks the name up again", "a limit on the age"),
        (DNS, {"grpc": True}, "never looks the name up again", "a limit on the age"),
        (DNS, {"sessions": True}, "changes version", "sessions that both versions can serve"),
    ],
)
def test_a_router_is_unfit_for_a_reason_and_says_what_it_would_need(
    kind, behaviour, because, need
):
    found = option(kind, **behaviour)

    assert found.fit is Fit.UNFIT
    assert any(because in text for text in found.against)
    assert any(need in text for text in found.would_need)


def test_weighted_dns_says_how_late_a_rollback_comes():
    assert any("reaches the last client 1m after" in t for t in option(DNS).against)
    late = option(DNS, dns_caching=HALF_AN_HOUR).against
    assert any("reaches the last client 31m after" in text for text in late)


def test_the_traffic_says_how_rare_a_canary_request_is():
    rare, until_told = advise(clients(rps=0.5)).traffic

    assert rare == "at 0.5 rps a 5% weight is one canary request in 40s"
    assert until_told.startswith("it takes 1h13m20s until the share itself")


def test_sessions_without_cookies_need_a_key_that_the_clients_bring():
    needs = option(MESH, sessions=True, kinds=("mobile",)).would_need

    assert any("x-session-id" in need for need in needs)
    assert not any("x-session-id" in need for need in option(MESH, sessions=True).would_need)


anybody = st.builds(
    Clients,
    rps=st.floats(0.001, 1e6),
    kinds=st.lists(
        st.sampled_from(["browser", "mobile", "service", "batch"]), min_size=1, max_size=4
    ).map(tuple),
    dns_caching=st.sampled_from([timedelta(0), timedelta(seconds=30), HALF_AN_HOUR]),
    cookies=st.sampled_from([None, True, False]),
    sessions=st.booleans(),
    grpc=st.booleans(),
    long_lived=st.booleans(),
    exposure=st.sampled_from(["external", "internal"]),
    runs_on=st.sampled_from(["aws", "elsewhere"]),
)


@given(anybody)
def test_everybody_is_advised_something_that_is_not_ruled_out(someone):
    advice = advise(someone)

    assert {each.router for each in advice.options} == set(RouterKind)
    assert advice.recommended in {MESH, ALB, HEADER}  # DNS never splits better than requests are
    for each in advice.options:
        assert each.reasons
        if each.fit is Fit.UNFIT:
            assert each.would_need
    fits = [each.fit for each in advice.options]
    assert fits == sorted(fits, key=[Fit.RECOMMENDED, Fit.POSSIBLE, Fit.UNFIT].index)

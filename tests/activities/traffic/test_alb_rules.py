from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.traffic.alb_rules import (
    actions,
    affinity_of,
    arns_of,
    conditions,
    forwards,
    group_id,
    group_name,
    header_of,
    read_tags,
    route_tags,
    shares_of,
    told_of,
)
from workflows.domain.errors import Diverged, Refused
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name, digest_of

OLD, NEW = digest_of("old"), digest_of("new")
HOST = "shop.example.test"
HEADER = HeaderRoute(header="x-canary", value="always")
CANARY = Route(stable=OLD, canary=NEW, percent=25, release="release/shop-v2/046424d96a08")
routes = st.builds(
    Route,
    stable=st.sampled_from([None, OLD]),
    canary=st.sampled_from([None, NEW]),
    percent=st.integers(0, 100),
    release=st.sampled_from([None, "release/shop-v2/046424d96a08"]),
)
GROUP = "targetgroup/a-name-as-long-as-aws-takes-them/73e2d6bc24d8a06"
ARNS = {
    OLD: f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:{GROUP}7",
    NEW: f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:{GROUP}8",
}


def rule(**more) -> dict:
    held = {"Conditions": conditions(HOST), "Actions": actions({"arn:new": 25, "arn:old": 75})}
    return {"RuleArn": "arn:rule/1", "Priority": "10", **held, **more}


@given(routes, routes)
def test_both_routes_are_read_out_of_tags_that_aws_takes(route, before):
    both = told_of(route, ARNS), told_of(before, ARNS)
    tags = {tag["Key"]: tag["Value"] for tag in route_tags(both[0], before=both[1])}

    assert read_tags(tags, rule=rule()) == both
    for value in tags.values():
        assert len(value) <= 256
        assert all(letter.isalnum() or letter in " +-=._:/@" for letter in value)


@pytest.mark.parametrize("tags", [{}, {"lockgate:route": "stable=x"}, {"lockgate:digest": NEW}])
def test_a_rule_without_our_tags_is_somebody_else_s(tags):
    with pytest.raises(Diverged, match="not written by a release"):
        read_tags(tags, rule=rule())


@pytest.mark.parametrize("service", ["shop", "a-service-with-a-rather-long-name", "shop.eu", "s"])
def test_a_target_group_has_a_name_that_aws_takes_and_no_other_version_has(service):
    one, other = group_name(service, OLD), group_name(service, NEW)

    assert one != other
    for name in (one, other):
        assert len(name) <= 32
        assert name.replace("-", "").isalnum()
        assert not name.startswith("internal-")
    assert group_name("shop", OLD) == arm_name("shop", OLD)


def test_the_shares_of_a_route_are_a_hundred_together():
    assert shares_of(CANARY) == {NEW: 25, OLD: 75}
    assert shares_of(Route(stable=OLD)) == {OLD: 100}
    assert shares_of(Route()) == {}


def test_the_shares_that_tags_tell_are_those_of_the_target_groups():
    told = told_of(CANARY, ARNS)

    assert told.shares == {group_id(ARNS[NEW]): 25, group_id(ARNS[OLD]): 75}
    assert forwards(rule(Actions=actions({ARNS[NEW]: 25, ARNS[OLD]: 75}))) == told.shares
    assert arns_of(rule(Actions=actions({ARNS[NEW]: 25}))) == [ARNS[NEW]]
    assert arns_of(rule(Actions=actions({}))) == arns_of(None) == []


def test_what_is_forwarded_is_read_back_and_a_group_alone_has_all_of_it():
    alone = actions({"arn:old": 100})
    alone[0]["ForwardConfig"]["TargetGroups"][0]["Weight"] = 1

    assert forwards(rule()) == {"arn:new": 25, "arn:old": 75}
    assert forwards(rule(Actions=alone)) == {"arn:old": 100}
    assert forwards(rule(Actions=actions({}))) == {}


def test_an_action_that_no_release_writes_is_diverged():
    redirect = [{"Type": "redirect", "RedirectConfig": {"Host": "elsewhere.test"}}]

    with pytest.raises(Diverged, match="elsewhere"):
        forwards(rule(Actions=redirect))


@pytest.mark.parametrize("lasts", [None, timedelta(hours=1)])
def test_the_time_for_which_sessions_are_kept_is_read_back(lasts):
    affinity = None if lasts is None else Affinity(by="router", lasts=lasts)

    assert affinity_of(rule(Actions=actions({"a": 1, "b": 1}, affinity))) == affinity
    assert affinity_of(rule(Actions=actions({}))) is None


def test_the_header_is_read_whatever_the_case_of_its_name():
    held = conditions("SHOP.example.test", HEADER.model_copy(update={"header": "X-Canary"}))

    found = header_of(rule(Conditions=held), host=HOST)

    assert (found.header.lower(), found.value) == (HEADER.header, HEADER.value)
    assert header_of(rule(), host=HOST) is None


@pytest.mark.parametrize(
    "held",
    [
        conditions("elsewhere.test"),
        [],
        [*conditions(HOST), {"Field": "path-pattern", "Values": ["/mine"]}],
        [
            *conditions(HOST),
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": "x", "Values": ["1", "2"]},
            },
        ],
    ],
    ids=["host", "none", "path", "values"],
)
def test_conditions_that_no_release_writes_are_diverged(held):
    with pytest.raises(Diverged, match="expected conditions"):
        header_of(rule(Conditions=held), host=HOST)


@pytest.mark.parametrize("value", ["any*", "?"])
def test_a_value_that_would_match_more_than_itself_is_refused(value):
    with pytest.raises(Refused, match="any letters"):
        conditions(HOST, HeaderRoute(header="x-canary", value=value))

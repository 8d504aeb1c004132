"""What does not fit together is told before a release begins, all of it at once."""

import pytest

from tests.builders import CANARY, a_catalog, a_release, a_service, analysis
from workflows.domain.release.misfits import misfits, strategy_of
from workflows.domain.spec import Catalog, Release

HEADER = CANARY[0]
FLAG = {"key": "new-checkout", "phases": {"off": "off", "all": "on"}}
JOURNEY = {
    "service": "checkout",
    "steps": [{"name": "buy", "request": {"path": "/buy"}, "expect": {"status": 200}}],
}
TRY = {"synthetic": {"journeys": ["buy-one"]}}
ALIKE = (
    "Strategy 'canary', step 2: metric 'error-rate' is in golden and in {other}; call one of them "
    "otherwise"
)
CONVERSION = {
    "name": "conversion",
    "type": "ratio",
    "numerator": {"series": "orders_total"},
    "denominator": {"series": "visits_total"},
    "direction": "decrease",
}


def found(release=None, catalog=None):
    release = Release.model_validate(release or a_release()).spec
    return list(misfits(release, Catalog.model_validate(catalog or a_catalog())))


def with_steps(*steps, journeys=(), environment=None):
    return {
        **a_catalog(steps=(*steps, {"setWeight": 100}), environment=environment),
        "journeys": dict.fromkeys(journeys, JOURNEY),
    }


def losing(metric="conversion", **budget):
    release = a_release()
    lost = {"lost": {"metric": metric, "amount": 10}}
    release["spec"]["rollback"] = {"harmBudget": {**lost, **budget}}
    return release


def test_what_fits_together_has_no_problem():
    release = a_release({**a_service("checkout"), "flags": [FLAG]})
    catalog = with_steps(
        HEADER,
        {"setFlag": {"key": "new-checkout", "phase": "all"}},
        TRY,
        {"setWeight": 10},
        analysis(),
        journeys=["buy-one"],
    )

    assert found(release, catalog) == []


def test_a_phase_that_a_flag_does_not_have_is_told():
    release = a_release({**a_service("checkout"), "flags": [FLAG]})
    catalog = with_steps({"setFlag": {"key": "new-checkout", "phase": "half"}})

    (problem,) = found(release, catalog)

    assert "new-checkout" in problem
    assert "half" in problem


def test_a_flag_of_an_environment_that_holds_none_is_told():
    release = a_release({**a_service("checkout"), "flags": [FLAG]})
    catalog = with_steps(
        {"setFlag": {"key": "new-checkout", "phase": "all"}}, environment={"flags": None}
    )

    assert any("production" in problem for problem in found(release, catalog))


def test_journeys_need_a_header_route_before_them():
    late = with_steps(TRY, HEADER, journeys=["buy-one"])

    (problem,) = found(catalog=late)

    assert problem.startswith("Strategy 'canary', step 1: ")
    assert "add setHeaderRoute" in problem


def test_journeys_need_an_entrance():
    catalog = with_steps(HEADER, TRY, journeys=["buy-one"], environment={"journeys": None})

    (problem,) = found(catalog=catalog)

    assert problem.startswith("Strategy 'canary', step 2: the environment names no connection")


def test_a_journey_that_is_not_there_is_named_with_those_that_are():
    (problem,) = found(catalog=with_steps(HEADER, TRY, journeys=["sell-one"]))

    assert problem == "Journey 'buy-one' is not in the catalog, which has sell-one"


def test_each_environment_is_looked_at_with_its_own_strategy():
    release = a_release(environments=("staging", "production"))
    release["spec"]["environments"][1]["strategyRef"] = "trying"
    catalog = a_catalog()
    catalog["strategies"]["trying"] = {"steps": [TRY, {"setWeight": 100}]}

    problems = found(release, catalog)

    assert problems
    assert all("'trying'" in p or p.startswith("Journey") for p in problems)


def test_an_alert_that_must_page_is_never_expected():
    alert = {
        "alertname": "TooManyErrors",
        "match": [{"label": "severity", "value": "page"}],
        "expected": {"atMost": 1, "annotation": "value"},
    }
    catalog = a_catalog(
        service={"expectedAlerts": [alert]},
        environment={"alerts": {"type": "alertmanager", "connection": "production"}},
    )

    (problem,) = found(catalog=catalog)

    assert problem.startswith("Service 'checkout'.expectedAlerts.TooManyErrors.match: ")
    assert "must page" in problem


def test_where_no_alerts_are_silenced_none_are_looked_at():
    alert = {
        "alertname": "TooManyErrors",
        "match": [{"label": "severity", "value": "page"}],
        "expected": {"atMost": 1, "annotation": "value"},
    }

    assert found(catalog=a_catalog(service={"expectedAlerts": [alert]})) == []


def test_a_lost_figure_must_be_compared_or_it_would_never_be_counted():
    assert found(losing(), a_catalog(metrics=(CONVERSION,))) == []
    (problem,) = found(losing(failedRequests=5), a_catalog())
    assert problem == (
        "rollback.harmBudget.lost: 'conversion' is no metric of type ratio that the strategies of "
        "this release compare; there are: none"
    )


def test_a_lost_figure_of_another_type_cannot_be_counted():
    orders = {"name": "orders", "type": "count", "numerator": {"series": "orders_total"}}

    (problem,) = found(losing("orders"), a_catalog(metrics=(orders, CONVERSION)))

    assert problem.endswith("there are: conversion")


def test_a_budget_of_failed_requests_alone_needs_no_metric():
    release = a_release()
    release["spec"]["rollback"] = {"harmBudget": {"failedRequests": 5}}

    assert found(release) == []


@pytest.mark.parametrize(("named", "strategy"), [(None, "canary"), ("direct", "direct")])
def test_a_release_may_name_another_strategy_than_its_environment(named, strategy):
    release = a_release()
    release["spec"]["environments"][0]["strategyRef"] = named
    catalog = a_catalog()
    catalog["strategies"]["direct"] = {"steps": [{"setWeight": 100}]}
    spec = Release.model_validate(release).spec

    assert strategy_of(spec.environments[0], Catalog.model_validate(catalog))[0] == strategy


def test_metrics_of_one_step_have_names_of_their_own():
    """Plans, verdicts and evidence tell metrics apart by their names alone."""
    catalog = a_catalog(
        steps=(
            {"setWeight": 10},
            analysis(templates=[{"templateName": "golden"}, {"templateName": "silver"}]),
            {"setWeight": 100},
        )
    )
    catalog["analysisTemplates"]["silver"] = catalog["analysisTemplates"]["golden"]

    assert found(catalog=catalog) == [ALIKE.format(other="silver")]


def test_a_template_named_twice_is_told_as_that():
    twice = [{"templateName": "golden"}] * 2

    assert found(catalog=with_steps({"setWeight": 10}, analysis(templates=twice))) == [
        ALIKE.format(other="golden")
    ]

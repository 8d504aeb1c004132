from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import CANARY, a_catalog, a_release, a_service, analysis
from tests.environments import a_catalog_for_releases, an_environment_plan
from workflows.domain.canary.harm import HarmBudget, LostFigure
from workflows.domain.errors import PolicyViolated
from workflows.domain.release.planning import compile_plan
from workflows.domain.spec import Catalog, Release

NAMES = [f"s{number}" for number in range(8)]


@st.composite
def services_that_need_each_other(draw):
    """Some services in any order; each may need those before it in a hidden order."""
    hidden = draw(st.permutations(NAMES))[: draw(st.integers(1, len(NAMES)))]
    services = [
        a_service(name, after=tuple(draw(st.sets(st.sampled_from(hidden[:at]))) if at else ()))
        for at, name in enumerate(hidden)
    ]
    return draw(st.permutations(services))


def compiled(services, **catalog):
    release = Release.model_validate(a_release(*services, environments=("staging", "production")))
    beside = Catalog.model_validate(a_catalog(services=tuple(NAMES), **catalog))
    return compile_plan("shop", release.spec, beside)


def refusal(services, **catalog):
    with pytest.raises(PolicyViolated) as caught:
        compiled(services, **catalog)
    return str(caught.value)


@given(services_that_need_each_other())
def test_what_a_service_needs_is_promoted_before_it(services):
    plan = compiled(services)

    for stage in plan.stages:
        order = [promotion.target.service for promotion in stage.promotions]
        assert sorted(order) == sorted(service["name"] for service in services)
        for service in services:
            before = order[: order.index(service["name"])]
            assert set(service["dependsOn"]) <= set(before)


@given(services_that_need_each_other())
def test_the_same_documents_make_the_same_plan(services):
    assert compiled(services) == compiled(services)
    assert compiled(services).digest == compiled(services).digest


def test_without_dependencies_services_go_as_written():
    plan = compiled([a_service("s2"), a_service("s0"), a_service("s1")])

    assert [p.target.service for p in plan.stages[0].promotions] == ["s2", "s0", "s1"]


def test_stages_are_the_environments_as_written_and_only_a_guarded_one_has_a_gate():
    plan = compiled([a_service("s0")], gated=True)

    assert [stage.environment for stage in plan.stages] == ["staging", "production"]
    assert plan.stages[0].gate is None
    assert plan.stages[1].gate.people == {"ana": ("sre",), "ben": ("sre",)}


def test_another_build_or_step_or_rule_is_another_decision():
    digests = {
        compiled([a_service("s0")]).digest,
        compiled([a_service("s0", "v3")]).digest,
        compiled([a_service("s0")], steps=({"setWeight": 100},)).digest,
        compiled([a_service("s0")], gated=True).digest,
        compiled([a_service("s0")], gated=True, expire_after="2h").digest,
    }

    assert len(digests) == 5


def test_a_circle_is_refused_by_name():
    said = refusal([a_service("s0", after=("s1",)), a_service("s1", after=("s0",))])

    assert said.startswith("dependsOn runs in a circle: ")


def test_all_that_is_missing_is_named_at_once():
    said = refusal([a_service("x"), a_service("x", after=("y",))], gated=True, environments=())

    assert said.splitlines() == [
        "services: 'x' is named twice",
        "Service 'x' is not in the catalog, which has s0, s1, s2, s3, s4, s5, s6, s7",
        "Service 'x' is not in the catalog, which has s0, s1, s2, s3, s4, s5, s6, s7",
        "services.x.dependsOn: 'y' is not a service of this release",
        "Environment 'staging' is not in the catalog, which has none at all",
        "Environment 'production' is not in the catalog, which has none at all",
    ]


def test_a_gate_that_too_few_could_open_is_refused():
    said = refusal([a_service("s0")], gated=True, needs=({"role": "sre", "count": 3},))

    assert said == "Policy 'guarded' needs 3 of role 'sre'; the catalog knows 2"


@given(services_that_need_each_other())
def test_of_the_services_that_are_free_the_one_written_first_goes_first(services):
    needs = {service["name"]: set(service["dependsOn"]) for service in services}
    expected: list[str] = []
    while len(expected) < len(needs):
        free = (n for n in needs if n not in expected and needs[n] <= set(expected))
        expected.append(next(free))

    order = [p.target.service for p in compiled(services).stages[0].promotions]

    assert order == expected


def steps_of(*steps, services=None, release=None, **catalog):
    """The compiled steps of s0 before the last, which takes all traffic."""
    document = release or a_release(*(services or [a_service("s0")]))
    written = a_catalog(services=tuple(NAMES), steps=(*steps, {"setWeight": 100}), **catalog)
    written["journeys"] = {
        name: {
            "service": name.removeprefix("buy-"),
            "steps": [{"name": "a", "request": {"path": "/"}, "expect": {"status": 200}}],
        }
        for name in ("buy-s0", "buy-s1")
    }
    spec, beside = Release.model_validate(document).spec, Catalog.model_validate(written)
    return {
        promotion.target.service: promotion.steps[:-1]
        for promotion in compile_plan("shop", spec, beside).promotions
    }


HEADER = CANARY[0]
FLAG = {"key": "new-shop", "phases": {"trial": "canary-only", "all": "on"}}


def test_steps_are_told_in_their_own_words_and_order():
    steps = steps_of(
        HEADER,
        {"mirror": 20},
        {"setWeight": 10},
        analysis("5m"),
        {"pause": {"duration": "1m"}},
        {"pause": {}},
    )["s0"]

    assert [str(step) for step in steps] == [
        "route x-canary: 1",
        "copies of 20%",
        "10%",
        "watch for 5m",
        "pause 1m",
        "pause until promoted",
    ]
    assert steps[1].mirror == 20


def test_a_bake_comes_after_all_traffic_with_the_thresholds_of_the_service():
    rate = {"name": "errors", "type": "errorRatio", "above": 0.05}
    release = Release.model_validate(a_release(a_service("s0"))).spec
    written = a_catalog(
        services=tuple(NAMES),
        steps=({"setWeight": 100}, {"bake": {"duration": "1h", "interval": "1m"}}),
        service={"thresholds": [rate]},
    )

    (promotion,) = compile_plan("shop", release, Catalog.model_validate(written)).promotions

    assert promotion.steps[-1].watched is promotion.steps[-1].bake
    assert [rule.name for rule in promotion.steps[-1].bake.thresholds] == ["errors"]
    assert [measure.name for measure in promotion.measures] == ["requests", "errors"]


def test_a_flag_moves_with_the_service_that_names_it_alone():
    services = [{**a_service("s0"), "flags": [FLAG]}, a_service("s1")]

    steps = steps_of(
        {"setFlag": {"key": "new-shop", "phase": "trial"}},
        {"setWeight": 10},
        {"setFlag": {"key": "new-shop", "phase": "all"}},
        services=services,
    )

    assert [str(step) for step in steps["s0"]] == [
        "set flag new-shop=canary-only",
        "10%",
        "set flag new-shop=on",
    ]
    assert steps["s0"][0].flag.canary == "on"
    assert [str(step) for step in steps["s1"]] == ["10%"]


def test_a_promotion_knows_its_flags_each_once():
    release = a_release({**a_service("s0"), "flags": [FLAG]})
    phases = [{"setFlag": {"key": "new-shop", "phase": phase}} for phase in ("trial", "all")]
    written = a_catalog(services=("s0",), steps=(*phases, {"setWeight": 100}))

    plan = compile_plan(
        "shop", Release.model_validate(release).spec, Catalog.model_validate(written)
    )

    assert plan.promotions[0].flags == ("new-shop",)


def test_a_journey_is_tried_with_its_own_service_alone():
    steps = steps_of(
        HEADER,
        {"synthetic": {"journeys": ["buy-s0", "buy-s1"], "every": "30s"}},
        services=[a_service("s0"), a_service("s1"), a_service("s2")],
    )

    assert [str(step) for step in steps["s0"]] == ["route x-canary: 1", "try buy-s0 every 30s"]
    assert [str(step) for step in steps["s1"]] == ["route x-canary: 1", "try buy-s1 every 30s"]
    assert [str(step) for step in steps["s2"]] == ["route x-canary: 1"]


def test_users_are_kept_as_the_strategy_says():
    written = a_catalog(services=("s0",))
    written["strategies"]["canary"]["affinity"] = {"by": "cookie", "name": "user"}
    release = Release.model_validate(a_release(a_service("s0"))).spec

    (kept,) = compile_plan("shop", release, Catalog.model_validate(written)).promotions
    (free,) = compiled([a_service("s0")]).stages[0].promotions

    assert str(kept.affinity) == "sessions kept by cookie user"
    assert free.affinity is None


def test_a_budget_is_one_for_the_whole_release():
    release = a_release(a_service("s0"))
    assert plan_of(release).budget is None

    release["spec"]["rollback"] = {"harmBudget": {"failedRequests": 40}}
    assert plan_of(release).budget == HarmBudget(failed_requests=40)

    lost = {"metric": "conversion", "amount": 12.5}
    release["spec"]["rollback"] = {"harmBudget": {"lost": lost}}
    assert plan_of(release, metrics=(CONVERSION,)).budget.lost == LostFigure(**lost)


def test_another_budget_is_another_decision():
    release = a_release(a_service("s0"))
    before = plan_of(release).digest
    release["spec"]["rollback"] = {"harmBudget": {"failedRequests": 40}}

    assert plan_of(release).digest != before


CONVERSION = {
    "name": "conversion",
    "type": "ratio",
    "numerator": {"series": "orders_total"},
    "denominator": {"series": "visits_total"},
    "direction": "decrease",
}


def plan_of(release, **catalog):
    beside = Catalog.model_validate(a_catalog(services=tuple(NAMES), **catalog))
    return compile_plan("shop", Release.model_validate(release).spec, beside)


def test_the_criticality_of_the_service_decides_margins_and_caps():
    auto = analysis("auto")
    release = a_release(a_service("s0"))
    metric = {"name": "e", "type": "errorRatio"}

    def analysed(criticality):
        plan = plan_of(
            release,
            steps=({"setWeight": 10}, auto, {"setWeight": 100}),
            metrics=(metric,),
            service={"criticality": criticality},
        )
        return plan.promotions[0].steps[1].analysis

    normal, critical = analysed("normal"), analysed("critical")

    assert (normal.judge.metrics[0].margin, critical.judge.metrics[0].margin) == (1.0, 0.3)
    assert (normal.at_most, critical.at_most) == (timedelta(hours=2), timedelta(hours=24))
    assert (normal.duration, critical.duration) == (None, None)


def test_what_silence_leads_to_is_in_the_plan():
    (_, step) = steps_of(
        {"setWeight": 10},
        analysis("30m", maxDuration="1h"),
        actions={"inconclusive": "extend", "noData": "rollback", "providerError": "hold"},
        hold_for="10m",
    )["s0"]

    found = step.analysis
    assert (found.inconclusive, found.no_data, found.provider_error) == (
        "extend",
        "rollback",
        "hold",
    )
    assert (found.duration, found.at_most) == (timedelta(minutes=30), timedelta(hours=1))
    assert found.hold_for == timedelta(minutes=10)


def test_health_is_watched_as_the_service_says():
    service = {"health": {"every": "5s", "failures": 7}}
    plan = plan_of(a_release(a_service("s0")), service=service)

    health = plan.promotions[0].health
    assert (health.every, health.failures) == (timedelta(seconds=5), 7)


def test_what_does_not_fit_together_is_refused():
    said = refusal(
        [a_service("s0")], steps=({"synthetic": {"journeys": ["x"]}}, {"setWeight": 100})
    )

    assert "add setHeaderRoute" in said
    assert "Journey 'x' is not in the catalog, which has none at all" in said


def test_each_figure_of_a_promotion_is_measured_once_whatever_labels_its_series_has():
    beside = a_catalog(services=("s0",))
    beside["analysisTemplates"]["golden"]["metrics"] = [
        {
            "name": "conversion",
            "type": "ratio",
            "numerator": {"series": "orders_total", "labels": {"status": "accepted"}},
            "denominator": {"series": "orders_total"},
            "direction": "decrease",
        }
    ]
    release = Release.model_validate(a_release(a_service("s0"), environments=("production",)))
    (promotion,) = compile_plan("shop", release.spec, Catalog.model_validate(beside)).promotions

    names = [measure.name for measure in promotion.measures]

    assert names == ["requests", "errors", 'orders_total{status="accepted"}', "orders_total"]


def test_of_two_risk_models_nobody_could_say_which_counts():
    catalog = {**a_catalog(), "riskModels": {"ours": {}, "theirs": {}}}

    with pytest.raises(PolicyViolated, match="RiskModel: one counts, not ours, theirs"):
        compile_plan(
            "shop", Release.model_validate(a_release()).spec, Catalog.model_validate(catalog)
        )


class TestAnEnvironmentThatIsCreated:
    """A stage may bring its own environment along."""

    def planned(self, **catalog):
        release = Release.model_validate(a_release(environments=("preview", "production")))
        beside = Catalog.model_validate(a_catalog_for_releases(**catalog))
        return compile_plan("shop", release.spec, beside)

    def refused(self, **catalog):
        with pytest.raises(PolicyViolated) as caught:
            self.planned(**catalog)
        return str(caught.value)

    def test_its_stage_carries_how(self):
        preview, production = self.planned(chosen={"Size": "large"}).stages

        assert preview.created_from == an_environment_plan(chosen={"Size": "large"})
        assert production.created_from is None

    def test_a_stage_that_stands_is_told_as_before_there_were_others(self):
        """Or the digest of its plan, which reviews under way are about, would be another one."""
        preview, production = self.planned().stages

        assert "created_from" in preview.model_dump()
        assert "created_from" not in production.model_dump()
        assert type(production).model_validate_json(production.model_dump_json()) == production

    def test_only_what_stands_serves_something_before_the_release(self):
        (promotion,) = self.planned().standing

        assert promotion.target.environment == "production"

    def test_what_may_not_be_chosen_is_refused_with_its_place(self):
        assert self.refused(chosen={"Size": "huge"}) == (
            "environments.preview: createdFrom: parameter Size: 'huge' is not one of small, large"
        )

    def test_a_release_could_not_end_what_is_protected(self):
        assert "is protected" in self.refused(template={"protected": True})

    def test_a_template_that_there_is_not_is_refused(self):
        catalog = a_catalog_for_releases()
        del catalog["environmentTemplates"]
        release = Release.model_validate(a_release(environments=("preview",)))

        with pytest.raises(PolicyViolated, match="EnvironmentTemplate 'preview' is not in the"):
            compile_plan("shop", release.spec, Catalog.model_validate(catalog))

    def test_a_template_whose_text_was_left_out_is_refused(self):
        catalog = a_catalog_for_releases()
        del catalog["files"]
        release = Release.model_validate(a_release(environments=("preview",)))

        with pytest.raises(PolicyViolated, match="does not carry the file templates/preview"):
            compile_plan("shop", release.spec, Catalog.model_validate(catalog))

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_catalog, a_release, a_service, analysis
from workflows.domain.errors import PolicyViolated
from workflows.domain.planning import compile_plan
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


@pytest.mark.parametrize(
    ("duration", "interval", "looks"), [("30s", "10s", 3), ("25s", "10s", 3), ("10s", "10s", 1)]
)
def test_an_authors_alpha_is_shared_by_every_look_that_the_step_can_take(
    duration, interval, looks
):
    steps = (analysis(duration, interval), {"setWeight": 100})

    plan = compiled([a_service("s0")], steps=steps)

    (rule,) = plan.promotions[0].steps[0].analysis.metrics
    assert rule.alpha * looks == pytest.approx(0.01)


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

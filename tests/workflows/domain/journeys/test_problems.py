import pytest

from workflows.domain.journeys.problems import journey_problems, synthetic_problems
from workflows.domain.spec.journey import JourneySpec, JourneyStep
from workflows.domain.values import Provider

ENTRANCE = Provider(type="http", connection="production")


def step(name, *, path="/", headers=None, json=None, expect=None, capture=None):
    request = {"path": path, "headers": headers or {}, "json": json}
    return JourneyStep.model_validate(
        {"name": name, "request": request, "expect": expect or {}, "capture": capture or {}}
    )


def problems(*steps, cleanup=(), variables=None, secret_refs=None):
    """Of a journey that was not validated, so that each rule is seen alone."""
    base = JourneySpec.model_validate(
        {
            "service": "checkout",
            "steps": [{"name": "base", "request": {"path": "/"}}],
            "variables": variables or {},
            "secretRefs": secret_refs or {},
        }
    )
    update = {"steps": steps, "cleanup": cleanup}
    return list(journey_problems(base.model_copy(update=update)))


LOGIN = {"login": {"path": "shop", "field": "login"}}


def test_values_are_used_after_they_are_set():
    found = problems(
        step("order", path="/{{ sku }}/{{ run }}", capture={"orderId": "$.orderId"}),
        step("look", path="/orders/{{ orderId }}"),
        cleanup=[step("cancel", path="/orders/{{ orderId }}")],
        variables={"sku": "mug"},
    )

    assert found == []


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (
            [step("a", path="/{{ nobody }}")],
            "step 'a', request.path: {{ nobody }} is never set; known here are login, run",
        ),
        (
            [step("a", path="/{{ late }}"), step("b", capture={"late": "$.x"})],
            "step 'a', request.path: {{ late }} is captured only by this or a later step",
        ),
        (
            [step("a", json={"x": ["{{ order.id }}"]})],
            "step 'a', request.json: {{ order.id }} is no template: expected {{ name }}",
        ),
        ([step("a"), step("a")], "step 'a' is there twice: reports could not tell them apart"),
        (
            [step("a", capture={"login": "$.x"})],
            "'login' is set twice, by variables, secretRefs or capture",
        ),
        (
            [step("a", capture={"run": "$.x"})],
            "'run' is set twice, by variables, secretRefs or capture (it is always set)",
        ),
        (
            [step("a", headers={"user-agent": "me"})],
            "step 'a', request.headers: user-agent is set by Lockgate itself",
        ),
    ],
)
def test_what_does_not_hang_together_is_named_with_its_place(steps, reason):
    assert problems(*steps, secret_refs=LOGIN) == [reason]


@pytest.mark.parametrize(
    "telling",
    [
        step("a", path="/{{ login }}"),
        step("a", expect={"bodyContains": ["{{ login }}"]}),
        step("a", expect={"headers": {"x": {"equals": "{{ login }}"}}}),
        step("a", expect={"json": [{"path": "$.a", "equals": "{{ login }}"}]}),
    ],
    ids=["path", "body", "header", "json"],
)
def test_a_secret_goes_where_nobody_writes_it_down(telling):
    (found,) = problems(telling, secret_refs=LOGIN)

    assert "{{ login }} is secret, and would be told here" in found
    allowed = step("a", headers={"authorization": "{{ login }}"}, json={"p": "{{ login }}"})
    assert problems(allowed, secret_refs=LOGIN) == []


def test_a_hidden_capture_is_a_secret_from_then_on():
    hidden = step("login", capture={"session": {"json": "$.s", "hidden": True}})

    (found,) = problems(hidden, step("a", path="/{{ session }}"))

    assert "secret" in found


def test_cleanup_may_use_what_any_step_captured_but_steps_may_not_use_cleanups():
    cleanup = [step("undo", path="/{{ orderId }}", capture={"undone": "$.x"})]

    assert problems(step("a", capture={"orderId": "$.o"}), cleanup=cleanup) == []
    assert "never set" in problems(step("a", path="/{{ undone }}"), cleanup=cleanup[:0])[0]


def asked(*, known=("checkout",), header="x-canary", entrance=ENTRANCE, headers=None):
    spec = JourneySpec(service="checkout", steps=(step("order", headers=headers),))
    return synthetic_problems(
        "Strategy 'careful', step 3",
        wanted=["checkout"],
        known=dict.fromkeys(known, spec),
        header=header,
        entrance=entrance,
    )


def test_a_step_that_can_run_has_no_problem():
    assert asked() == []


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"header": None}, "no step before this one sets it: add setHeaderRoute"),
        ({"entrance": None}, "the environment names no connection for journeys"),
        ({"known": ("refund",)}, "Journey 'checkout' is not in the catalog, which has refund"),
        ({"known": ()}, "which has none at all"),
        ({"headers": {"x-canary": "1"}}, "step 'order' sets the header 'x-canary', by which"),
    ],
)
def test_what_a_step_lacks_is_named(lacking, reason):
    (found,) = asked(**lacking)

    assert reason in found

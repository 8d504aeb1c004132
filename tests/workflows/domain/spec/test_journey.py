import json
import re

import jsonschema
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from tests.architecture.sources import ROOT
from workflows.domain.spec.journey import JourneySpec, SyntheticStep
from workflows.domain.values import Provider


def journey(*steps, **more):
    return JourneySpec.model_validate({"service": "checkout", "steps": list(steps), **more})


def step(name="look", *, path="/orders", expect=None, capture=None, **request):
    return {
        "name": name,
        "request": {"path": path, **request},
        "expect": expect or {},
        "capture": capture or {},
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [(200, ("200",)), ([200, "3xx"], ("200", "3xx")), ("2xx", ("2xx",))],
)
def test_a_status_is_one_or_several(written, read):
    (only,) = journey(step(expect={"status": written})).steps

    assert only.expect.status == read


def test_without_an_expectation_any_success_passes():
    assert journey(step()).steps[0].expect.status == ("2xx",)


def test_a_capture_may_be_written_as_its_path_alone():
    (only,) = journey(step(capture={"orderId": "$.orderId"})).steps

    assert only.capture["orderId"].json_path == "$.orderId"


def test_a_journey_survives_the_wire():
    """A catalog travels with its release, with every field that was left out as null."""
    spec = journey(
        step(
            expect={
                "json": [{"path": "$.a", "oneOf": [None, 1]}],
                "headers": {"x": {"equals": "1"}},
            }
        ),
        secretRefs={"login": {"path": "shop", "field": "login"}},
    )

    assert JourneySpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (step(path="orders"), "pattern"),
        (step(path="//other.host/"), "pattern"),
        (step(path="/orders?x=1"), "pattern"),
        (step(method="TRACE"), "GET"),
        (step(headers={"X-Upper": "1"}), "pattern"),
        (step(headers={"x-two": "a\r\nhost: b"}), "pattern"),
        (step(json={"a": 1}, text="b"), "one body; this one has json and text"),
        (step(expect={"status": 99}), "pattern"),
        (step(expect={"json": [{"path": "$.a"}]}), "nothing is checked: write one of exists"),
        (step(expect={"headers": {"x": {}}}), "nothing is checked"),
        (step(expect={"json": [{"path": "a.b", "exists": True}]}), "not a JSONPath of RFC 9535"),
        (step(expect={"json": [{"path": "$.a", "matches": "("}]}), "not a regular expression"),
        (
            step(expect={"json": [{"path": "$[?match(@.a, 'b')]", "exists": True}]}),
            "not a JSONPath",
        ),
        (step(capture={"a b": "$.x"}), "pattern"),
        (step(capture={"a": {"json": "$.x", "header": "y"}}), "exactly one of json, header"),
        (step() | {"timout": "1s"}, "Extra inputs"),
    ],
)
def test_a_slip_is_refused_with_its_reason(spoilt, reason):
    with pytest.raises(ValidationError, match=reason):
        journey(spoilt)


def test_the_tries_of_a_journey_end_before_the_activity_does():
    with pytest.raises(ValidationError, match="3 times, are more than 50s: shorten timeout"):
        journey(step(), tries=3, timeout="12s")

    assert journey(step(), tries=3, timeout="11s").tries == 3


def test_all_problems_of_a_journey_are_named_at_once():
    with pytest.raises(ValidationError) as refused:
        journey(step(path="/{{ nobody }}"), step(headers={"host": "other"}))

    assert all(
        told in str(refused.value) for told in ("is there twice", "never set", "host is set by")
    )


def test_a_synthetic_step_names_journeys_and_perhaps_how_often():
    once = SyntheticStep.model_validate({"journeys": ["checkout"]})
    often = SyntheticStep.model_validate({"journeys": ["checkout", "refund"], "every": "10s"})

    assert once.every is None
    assert often.every.total_seconds() == 10
    with pytest.raises(ValidationError, match="named twice"):
        SyntheticStep.model_validate({"journeys": ["a", "a"]})


def test_the_published_schema_takes_what_the_spec_takes():
    """An editor must not underline the short forms."""
    written = {
        "service": "checkout",
        "steps": [step(path="/a/{{ run }}", expect={"status": 200}, capture={"a": "$.a"})],
    }

    jsonschema.validate(written, json.loads(json.dumps(JourneySpec.model_json_schema())))


def test_the_fragments_of_the_guide_are_what_is_read():
    """The whole journey of the guide runs in tests/contract/test_journeys.py."""
    page = (ROOT / "docs/how-to/synthetic-journeys.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    _, cleanup, sign_in, environment, strategy = map(YAML(typ="safe").load, blocks)

    assert journey(step(), **cleanup).cleanup[0].name == "cancel"
    assert JourneySpec.model_validate({"service": "shop", **sign_in}).secret_refs
    assert Provider.model_validate(environment["journeys"]).type == "http"
    assert [SyntheticStep.model_validate(s["synthetic"]) for s in strategy["steps"][1:2]]

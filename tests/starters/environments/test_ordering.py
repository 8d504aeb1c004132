"""What somebody types, as the order of an environment: checked before anything is made."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from starters.environments.ordering import order_of, read_choices
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import FilesRefused

PREVIEW = """\
apiVersion: lockgate.dev/v1alpha1
kind: EnvironmentTemplate
metadata: {name: preview}
spec:
  owner: team-shop
  template: {file: templates/preview.yaml}
  provider: {type: cloudformation, connection: preview}
  parameters:
    Size: {allowed: [small, large], default: small}
    Key: {}
  lease: {ttl: 3d, longest: 14d}
  prices:
    resources:
    - {type: "AWS::S3::Bucket", perHour: 0.01}
    - {type: "AWS::SQS::Queue", by: Size, perHourBy: {small: 0.02, large: 0.2}}
"""
STACK = """\
Parameters:
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
  Key: {Type: String, AllowedPattern: "[a-z]+"}
Resources:
  Uploads: {Type: "AWS::S3::Bucket"}
  Orders: {Type: "AWS::SQS::Queue"}
"""


@pytest.fixture
def catalog(tmp_path, monkeypatch):
    (tmp_path / "catalog" / "templates").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    Path("catalog/preview.yaml").write_text(PREVIEW, encoding="utf-8")
    Path("catalog/templates/preview.yaml").write_text(STACK, encoding="utf-8")
    return Path("catalog")


@pytest.fixture
def ordered(catalog):
    def order(name="pr-7", *, template="preview", purpose="the new checkout", **chosen):
        return order_of(
            name,
            template=template,
            catalog=catalog,
            chosen=chosen,
            owner="ana",
            requested_by="ben",
            purpose=purpose,
        )

    return order


def refused(order, *words, **more):
    with pytest.raises(CommandFailed) as caught:
        order(*words, **more)
    return caught.value.code, str(caught.value)


def test_its_owner_is_told_where_the_catalog_says(ordered, catalog):
    person = {
        "apiVersion": "lockgate.dev/v1alpha1",
        "kind": "Person",
        "metadata": {"name": "ana"},
        "spec": {"roles": ["sre"], "email": "ana@shop.test"},
    }
    assert ordered(Key="abc").order.contact is None

    (catalog / "people.yaml").write_text(json.dumps(person), encoding="utf-8")

    assert ordered(Key="abc").order.contact == "ana@shop.test"


def test_an_order_has_everything_decided(ordered):
    found = ordered(Key="abc")

    order = found.order
    assert (order.name, order.owner, order.purpose) == ("pr-7", "ana", "the new checkout")
    assert order.release is None
    assert order.plan.blueprint.parameters == {"Key": "abc", "Size": "small"}
    assert order.plan.blueprint.text == STACK
    assert order.plan.team == "team-shop"


def test_what_it_costs_is_told_before_it_is_made(ordered):
    assert ordered(Key="abc").cost.per_hour == Decimal("0.03")
    assert ordered(Key="abc", Size="large").cost.per_hour == Decimal("0.21")


def test_what_cannot_be_priced_is_unknown_and_not_free(ordered, catalog):
    more = STACK + "  Topic: {Type: 'AWS::SNS::Topic'}\n"
    (catalog / "templates/preview.yaml").write_text(more, encoding="utf-8")

    cost = ordered(Key="abc").cost

    assert cost.per_hour is None
    assert cost.unpriced == ("AWS::SNS::Topic",)


def test_what_a_transform_makes_is_unknown_and_not_free(ordered, catalog):
    more = f"Transform: AWS::Serverless-2016-10-31\n{STACK}"
    (catalog / "templates/preview.yaml").write_text(more, encoding="utf-8")

    cost = ordered(Key="abc").cost

    assert cost.per_hour is None
    assert cost.unpriced == ("Transform",)


@pytest.mark.parametrize("name", ["", "PR-7", "pr_7", "pr.7", "-pr", "pr-", "x" * 64])
def test_a_name_must_do_for_a_stack(ordered, name):
    code, told = refused(ordered, name, Key="abc")

    assert code == ExitCode.USAGE
    assert "cannot name an environment" in told


@pytest.mark.parametrize("purpose", ["", "  ", "x" * 257])
def test_a_purpose_must_say_something_and_fit_a_tag(ordered, purpose):
    code, told = refused(ordered, purpose=purpose, Key="abc")

    assert code == ExitCode.USAGE
    assert told.startswith("--purpose: expected 1 to 256 characters")


def test_an_unknown_template_is_told_with_the_nearest(ordered):
    code, told = refused(ordered, template="previw", Key="abc")

    assert code == ExitCode.USAGE
    assert told == "no EnvironmentTemplate previw in catalog: did you mean preview?"


@pytest.mark.parametrize(
    ("chosen", "code", "reason"),
    [
        ({}, ExitCode.USAGE, "parameter Key has no default: choose it"),
        ({"Key": "A1"}, ExitCode.USAGE, "parameter Key: 'A1' does not match AllowedPattern"),
        ({"Key": "a", "Size": "huge"}, ExitCode.DENIED, "'huge' is not one of small, large"),
        ({"Key": "a", "Other": "1"}, ExitCode.DENIED, "parameter 'Other' cannot be chosen"),
    ],
)
def test_what_may_not_be_chosen_and_what_must_be_is_told(ordered, chosen, code, reason):
    found, told = refused(ordered, **chosen)

    assert found == code
    assert reason in told


def test_a_catalog_that_is_not_in_order_makes_nothing(ordered, catalog):
    (catalog / "templates/preview.yaml").write_text("Resources: {}", encoding="utf-8")

    with pytest.raises(FilesRefused, match=r"catalog/templates/preview.yaml:1:1: Resources"):
        ordered(Key="abc")


def test_choices_are_names_with_values():
    assert read_choices(["Size=large", "Url=http://a/?b=c", "Empty="]) == {
        "Size": "large",
        "Url": "http://a/?b=c",
        "Empty": "",
    }


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (["Size"], "--set Size: expected NAME=VALUE"),
        (["=large"], "--set =large: expected NAME=VALUE"),
        (["A=1", "A=2"], "--set A=2: A is set twice"),
    ],
)
def test_choices_that_cannot_be_meant_are_refused(written, told):
    assert refused(read_choices, written) == (ExitCode.USAGE, told)


@pytest.mark.parametrize("owner", ["a b", "", "x" * 201, "a' OR '1'='1", "a\nb"])
def test_an_owner_that_cannot_be_a_name_is_refused(catalog, owner):
    with pytest.raises(CommandFailed, match=r"cannot be a name.*--owner") as refused:
        order_of(
            "pr-7",
            template="preview",
            catalog=catalog,
            chosen={},
            owner=owner,
            purpose="x",
            requested_by="ana",
        )
    assert refused.value.code is ExitCode.USAGE


def test_a_catalog_that_is_not_there_says_how_to_name_one():
    with pytest.raises(CommandFailed, match=r"no folder none .*--catalog FOLDER") as refused:
        order_of(
            "pr-7",
            template="preview",
            catalog=Path("none"),
            chosen={},
            owner="ana",
            purpose="x",
            requested_by="ana",
        )
    assert refused.value.code is ExitCode.USAGE

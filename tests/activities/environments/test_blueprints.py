"""What CloudFormation would not take is told before anything is made, all at once."""

import pytest

from activities.environments.blueprints import MOST_BYTES, Blueprints
from activities.environments.stacks import Stacks
from tests.activities.environments.scripted import answers, cloudformation, fails
from workflows.domain.environments.order import Blueprint
from workflows.domain.errors import Refused, Unavailable

SIZE = {
    "ParameterKey": "Size",
    "DefaultValue": "small",
    "ParameterConstraints": {"AllowedValues": ["small", "large"]},
}
OWNER = {"ParameterKey": "Owner"}


VALID = answers("validate_template")


def check(*steps, text="Resources: {}", capabilities=(), **parameters):
    blueprint = Blueprint(template="preview", text=text, parameters=parameters)
    with cloudformation(*steps) as clients:
        Blueprints(Stacks(clients), connection="preview", capabilities=capabilities).check(
            blueprint
        )


def summary(*parameters, **more):
    return answers("get_template_summary", {"Parameters": list(parameters), **more})


def test_what_fits_is_let_through():
    check(VALID, summary(SIZE, OWNER), Owner="ana", Size="large")


def test_every_parameter_that_does_not_fit_is_told_at_once():
    with pytest.raises(Refused) as refused:
        check(VALID, summary(SIZE, OWNER), Size="huge", Colour="red")

    assert str(refused.value).splitlines() == [
        "template preview: parameter Colour is not in it; it has Owner, Size",
        "template preview: parameter Size: expected one of small, large, found 'huge'",
        "template preview: parameter Owner has no default, and nobody has chosen it",
    ]


def test_a_secret_is_not_taken_from_a_catalog_and_not_told():
    password = {"ParameterKey": "Password", "NoEcho": True, "DefaultValue": "****"}

    with pytest.raises(Refused, match="parameter Password is NoEcho") as refused:
        check(VALID, summary(password), Password="hunter2")

    assert "hunter2" not in str(refused.value)


def test_a_template_that_makes_roles_needs_a_connection_that_lets_it():
    needs = {"Capabilities": ["CAPABILITY_IAM"], "CapabilitiesReason": "it makes Role"}

    check(VALID, summary(**needs), capabilities=("CAPABILITY_IAM",))
    with pytest.raises(Refused, match=r"CAPABILITY_IAM, which \[environments\.preview\].*Role"):
        check(VALID, summary(**needs))


def test_a_template_that_is_too_long_is_not_sent():
    with pytest.raises(Refused, match=f"has {MOST_BYTES + 1} bytes"):
        check(text="#" * (MOST_BYTES + 1))
    check(VALID, summary(), text="#" * MOST_BYTES)


def test_what_cloudformation_would_not_give_back_as_it_was_is_named_by_its_line():
    """It keeps question marks instead, and would look like drift for ever."""
    with pytest.raises(Refused, match="line 2 has characters beyond ASCII"):
        check(text="Resources: {}\n# größer\n")


def test_what_cloudformation_itself_finds_is_told_in_its_words():
    with pytest.raises(Refused, match=r"template preview.*Unrecognized resource types"):
        check(fails("validate_template", "ValidationError", "Unrecognized resource types: [X]"))


def test_no_answer_says_nothing_about_the_template():
    with pytest.raises(Unavailable):
        check(VALID, fails("get_template_summary", "Throttling"))

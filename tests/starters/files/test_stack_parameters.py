"""The values that a parameter of a CloudFormation template takes."""

import pytest

from starters.files.stack_parameters import LONGEST_VALUE, Declared


def declared(**body):
    return Declared.of({"Type": "String", **body}, texts={})


@pytest.mark.parametrize(
    ("body", "taken", "refused", "why"),
    [
        (
            {"AllowedValues": ["small", "large"]},
            "small",
            "huge",
            "'huge' is none of AllowedValues: small, large",
        ),
        ({"AllowedValues": [True, False]}, "true", "yes", "none of AllowedValues: true, false"),
        ({"AllowedPattern": "[a-z]+"}, "abc", "abc1", "does not match AllowedPattern [a-z]+"),
        ({"MinLength": 2}, "ab", "a", "'a' is shorter than MinLength 2"),
        ({"MaxLength": "2"}, "ab", "abc", "'abc' is longer than MaxLength 2"),
        ({"Type": "Number"}, "1.5", "many", "'many' is not a number"),
        ({"Type": "Number"}, "-3", "nan", "'nan' is not a number"),
        ({"Type": "Number", "MinValue": 1}, "1", "0", "0 is less than MinValue 1"),
        ({"Type": "Number", "MaxValue": 5}, "5", "5.1", "5.1 is more than MaxValue 5"),
        ({"Type": "List<Number>"}, "1, 2", "1, b", "'b' is not a number"),
        (
            {"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]},
            "a, b",
            "a,c",
            "'c' is none of AllowedValues: a, b",
        ),
        ({}, "anything", "x" * (LONGEST_VALUE + 1), "CloudFormation takes at most 4096"),
    ],
)
def test_each_rule_of_a_template_is_kept(body, taken, refused, why):
    parameter = declared(**body)

    assert parameter.refuses(taken) is None
    assert why in parameter.refuses(refused)


def test_values_are_compared_as_they_are_written():
    body = {"Type": "String", "AllowedValues": [10, 8]}
    written = {("AllowedValues", 0): "010", ("AllowedValues", 1): "8"}

    parameter = Declared.of(body, texts=written)

    assert parameter.allowed == ("010", "8")
    assert parameter.refuses("010") is None


def test_a_value_of_the_parameter_store_is_for_the_cloud_to_check():
    stored = declared(Type="AWS::SSM::Parameter::Value<String>", AllowedPattern="[a-z]+")

    assert stored.refuses("/shop/Image") is None


def test_a_pattern_that_only_java_reads_refuses_nothing_and_says_so():
    parameter = declared(AllowedPattern=r"\p{Lower}+")

    assert parameter.refuses("ABC") is None
    assert parameter.unread_pattern
    assert not declared(AllowedPattern="[a-z]").unread_pattern


@pytest.mark.parametrize("said", [True, "true", "TRUE"])
def test_what_must_not_be_echoed_is_a_secret(said):
    assert declared(NoEcho=said).secret
    assert not declared(NoEcho=False).secret

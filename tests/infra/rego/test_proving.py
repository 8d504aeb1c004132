"""Tests of rules, as `opa test` runs them."""

from infra.rego.proving import proved

RULES = """package shop

deny contains "steep" if {
	input.weight > 50
}

deny contains "late" if {
	input.hour > 18
	input.hour < 24
}
"""
TESTS = """package shop_test

import data.shop

test_steep if "steep" in shop.deny with input as {"weight": 60}

test_gentle if count(shop.deny) == 1 with input as {"weight": 5}

test_wrong if upper(1) == "1"
"""


def test_a_test_passes_fails_or_cannot_be_evaluated():
    found = proved({"files": {"shop.rego": RULES, "shop_test.rego": TESTS}})["tests"]

    assert [(test["name"], test["line"], test["outcome"]) for test in found] == [
        ("shop_test.test_steep", 5, "passed"),
        ("shop_test.test_gentle", 7, "failed"),
        ("shop_test.test_wrong", 9, "error"),
    ]
    assert found[2]["detail"].startswith("shop_test.rego:9: `upper` expects")


def test_lines_of_rules_that_no_test_reaches_are_named():
    (file,) = proved({"files": {"shop.rego": RULES, "shop_test.rego": TESTS}})["coverage"]

    assert file["file"] == "shop.rego"
    assert file["missed"] == [7, 9]  # the rule never added its message either

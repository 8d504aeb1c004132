"""What modules say of themselves before anything is evaluated."""

import pytest

from infra.rego.syntax import FORBIDDEN, Broken, parsed, read

MODULE = """package lockgate.prod

import data.shared as s
import input.release as rel

# é: places are counted in characters, the engine's spans in bytes
deny contains msg if {
	some stage in input.plan.stages
	input.facts["change"].files > 3
	not s.ok(stage.environment)
	input.catalog.services[stage.name].owner == "é"
	msg := sprintf("%v", [rel.spec.change])
}

limit(x) := x + 1

deny contains "always"

default allowed := false
"""


def test_rules_are_found_with_their_package_and_line():
    (module,) = parsed({"prod.rego": MODULE})

    assert module.package == "lockgate.prod"
    assert [(rule.name, rule.line, rule.kind) for rule in module.rules] == [
        ("deny", 7, "Set"),
        ("limit", 15, "Func"),
        ("deny", 17, "Set"),
        ("allowed", 19, "Default"),
    ]


def test_the_head_and_the_body_of_a_rule_are_its_text():
    (module,) = parsed({"prod.rego": MODULE})
    first, _, second, _ = module.rules

    assert first.head == "deny contains msg "
    assert first.body.startswith("if {")
    assert first.body.endswith("change])\n}")
    assert (second.head, second.body) == ('deny contains "always"', "")


def test_what_is_read_of_the_input_is_found_as_far_as_it_is_written_out():
    (module,) = parsed({"prod.rego": MODULE})

    assert set(module.reads) >= {
        (("plan", "stages"), 8),
        (("facts", "change", "files"), 9),
        (("catalog", "services"), 11),
        (("release", "spec", "change"), 12),
    }


def test_calls_are_found_with_their_imports_followed():
    (module,) = parsed({"prod.rego": MODULE})

    assert [name for name, _, _ in module.calls] == ["data.shared.ok", "sprintf"]


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_what_reaches_out_or_cannot_be_repeated_may_not_be_called(name):
    """The engine leaves `http.send` undefined: the rule would pass what it should deny."""
    _, problems = read({"a.rego": f"package a\n\nx if {{\n\t{name}(1)\n}}\n"})

    (problem,) = problems
    # The engine counts a tab as four columns, in what it refuses itself too.
    assert (problem["line"], problem["column"]) == (4, 5)
    assert problem["message"].startswith(f"calls {name}, which no rule may: ")


def test_a_function_that_there_is_not_is_named_before_anything_is_evaluated():
    with pytest.raises(Broken) as broken:
        parsed({"a.rego": "package a\n\nx if cripto.sha256(1)\n"})

    (problem,) = broken.value.problems
    assert problem["message"] == "calls cripto.sha256, a function that there is not"


def test_a_function_of_another_file_of_the_package_may_be_called():
    files = {"a.rego": "package p\nx if f(1)\n", "b.rego": "package p\nf(x) := x\n"}

    assert len(parsed(files)) == 2


def test_every_file_is_read_whatever_is_wrong_with_another():
    _, problems = read({"a.rego": "package a\nx {", "b.rego": "package b\ny :=", "c.rego": ""})

    assert [problem["file"] for problem in problems] == ["a.rego", "b.rego", "c.rego"]

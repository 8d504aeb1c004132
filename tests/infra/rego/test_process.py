"""Hostile rules end as an answer: the process that evaluates them is ended by the kernel."""

import json

import pytest

from infra.rego.process import RegoProcess


def asked(rule, *, engine=None, **given):
    question = {
        "mode": "evaluate",
        "files": {"rules/hostile.rego": f"package lockgate\n\n{rule}\n"},
        "package": "lockgate",
        "input": {},
        **given,
    }
    return json.loads((engine or RegoProcess(seconds=1)).answer(json.dumps(question)))


def told(rule, **given):
    (problem,) = asked(rule, **given)["problems"]
    return problem["message"]


def test_what_a_rule_says_comes_back_with_the_place_of_the_rule():
    said = asked('deny contains "no" if 1 < 2')["said"]

    assert said == {"deny": [{"value": "no", "file": "rules/hostile.rego", "line": 3}]}


def test_a_rule_without_an_end_runs_out_of_time():
    endless = 'deny contains "x" if { some a, b, c in numbers.range(1, 3000); a + b + c < 0 }'
    endless = endless.replace(
        "some a, b, c in numbers.range(1, 3000)",
        "n := numbers.range(1, 3000)\n some a in n\n some b in n\n some c in n",
    )

    assert told(endless) == "the rules ran out of time: 1 s of the processor"


@pytest.mark.parametrize(
    "greedy",
    [
        'deny contains "x" if count(numbers.range(1, 1000000000)) > 0',
        'deny contains "x" if count([a | some i in numbers.range(1, 90000000); a := i]) > 0',
    ],
)
def test_a_rule_that_wants_all_memory_gets_a_little(greedy):
    assert told(greedy, engine=RegoProcess(seconds=5, memory=256)) == (
        "the rules ran out of memory: 256 MiB"
    )


def test_a_function_that_calls_itself_without_an_end_fills_the_stack_of_its_own_process():
    said = told('f(x) := f(x + 1)\n\ndeny contains "x" if f(1) > 0')

    assert said.startswith("the rules ran out of memory: the stack is full")


def test_a_busy_machine_is_waited_for_and_then_no_longer():
    said = told('deny contains "x"', engine=RegoProcess(seconds=0))

    assert said.startswith("the rules ran out of time")


def test_a_process_that_dies_of_something_else_says_of_what():
    said = told('deny contains "x"', mode="no such mode")

    assert said.startswith("the process that evaluates rules ended with 1: KeyError")


def test_it_sees_nothing_of_the_environment_of_its_caller(monkeypatch):
    """Neither a secret of the worker nor a path on which other modules would be found."""
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("VAULT_TOKEN", "s.secret")

    assert "secret" not in json.dumps(asked("deny contains opa.runtime().env"))

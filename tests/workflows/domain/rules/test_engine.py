from tests.workflows.domain.rules.ruled import Silent
from workflows.domain.rules.engine import Question, RuleProblem, ask

QUESTION = Question(mode="check", files={})


def test_an_answer_is_read_by_its_fields():
    said = '{"problems": [], "said": {"deny": [{"value": "no", "file": "a", "line": 3}]}}'

    assert ask(Silent(said), QUESTION).said["deny"][0].line == 3


def test_an_answer_that_cannot_be_read_is_a_problem():
    for nonsense in ("", "null", "[]", '{"problems": 3}'):
        (problem,) = ask(Silent(nonsense), QUESTION).problems
        assert problem.message == "the engine's answer cannot be read"


def test_a_problem_is_told_with_the_place_that_is_known():
    assert str(RuleProblem(message="no")) == "no"
    assert str(RuleProblem(file="a.rego", message="no")) == "a.rego: no"
    assert str(RuleProblem(file="a.rego", line=3, message="no")) == "a.rego:3: no"

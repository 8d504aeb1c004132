"""Which questions are asked of the ledger's worker, and how it is worded when none answers."""

import pytest

from starters.audit import decision_log
from tests.workflows.domain.admission.test_recorded import a_decision
from workflows.domain.admission.recorded import entry_of
from workflows.ports.decision_log import DecisionList


@pytest.fixture
def questions(monkeypatch):
    """Answers every question from two rulings, and keeps the questions."""
    kept = [a_decision(), a_decision('warn contains "another"')]
    seen = []

    async def answer(_client, method, ask, *, about):
        seen.append((method.__name__, about))
        if method.__name__ == "list_decisions":
            return DecisionList(decisions=tuple(entry_of(one) for one in kept[: ask.limit]))
        return next(one for one in kept if one.digest == ask.digest)

    monkeypatch.setattr(decision_log, "asked", answer)
    return kept, seen


async def test_the_last_rulings_are_read_whole_and_in_order(questions):
    kept, seen = questions

    assert await decision_log.recorded(None, last=2) == kept
    assert [name for name, _ in seen] == ["list_decisions", "read_decision", "read_decision"]


async def test_no_more_are_read_than_asked_for(questions):
    kept, _ = questions

    assert await decision_log.recorded(None, last=1) == kept[:1]

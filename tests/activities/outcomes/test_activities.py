"""What the ledger's outcomes promise is in tests/contract; here is what is beside the port."""

import pytest

from activities.ledger import open_ledger
from activities.outcomes import OutcomesActivities
from tests.contract.test_outcomes import DAY, close, ended, file, standing
from workflows.domain.audit import broken
from workflows.domain.errors import PolicyViolated


@pytest.fixture
def ledger(tmp_path):
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def port(ledger):
    return OutcomesActivities(ledger)


def test_a_closing_is_in_the_audit_record_of_its_release(ledger, port):
    file(port, ended(1, within=3 * DAY))
    close(port, 1)
    close(port, 1, day=21)

    page = ledger.page("release/shop/1")
    assert [(link.entry.action, link.entry.actor) for link in page.links] == [
        ("close_retrospective", "ana")
    ]
    assert broken(page.links) is None


def test_a_closing_that_was_refused_is_not(ledger, port):
    file(port, ended(1, within=3 * DAY))

    with pytest.raises(PolicyViolated):
        close(port, 1, by="carl")
    assert ledger.page("release/shop/1").links == ()


def test_the_standing_is_of_the_pattern_that_was_asked_for(port):
    file(port, ended(1))

    assert standing(port).pattern == ended(1).profile.pattern

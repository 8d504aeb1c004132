from datetime import UTC, datetime, timedelta

import pytest

from activities.audit import AuditActivities
from activities.gates import GatesActivities
from activities.ledger import open_ledger
from workflows.domain.errors import PolicyViolated
from workflows.ports.audit import ReadRecord
from workflows.ports.gates import PublishMatrix

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MATRIX = {"inputs": ["risk"], "rules": [{"require": [{"role": "sre", "count": 1}]}]}


@pytest.fixture
def ledger(tmp_path):
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.dispose()


def test_a_matrix_is_published_once_and_stays_as_it_was_first_seen(ledger):
    moments = iter([NOON, NOON + timedelta(days=1)])
    port = GatesActivities(ledger, now=lambda: next(moments))
    ask = PublishMatrix(policy="prod", matrix=MATRIX)

    first, again = port.publish_matrix(ask), port.publish_matrix(ask)

    assert (first.first, again.first) == (True, False)
    assert again.published_at == first.published_at == NOON
    page = AuditActivities(ledger).read_record(ReadRecord(release="matrix"))
    (link,) = page.links
    assert (link.entry.at, link.entry.detail) == (NOON, first.digest)


def test_another_matrix_of_the_same_policy_is_news(ledger):
    port = GatesActivities(ledger)
    other = {**MATRIX, "rules": [{"require": []}]}

    published = [
        port.publish_matrix(PublishMatrix(policy="prod", matrix=matrix))
        for matrix in (MATRIX, other)
    ]

    assert all(each.first for each in published)


def test_what_is_no_matrix_is_refused(ledger):
    with pytest.raises(PolicyViolated, match="no decision matrix"):
        GatesActivities(ledger).publish_matrix(PublishMatrix(policy="prod", matrix={"rules": []}))

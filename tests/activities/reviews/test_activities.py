"""What a ledger that somebody changed leads to; the rest is in tests/contract/test_reviews.py."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from activities.ledger import open_ledger
from activities.reviews import ReviewsActivities
from tests.fakes.identity import FakeIdentity
from workflows.domain.errors import Diverged
from workflows.domain.readiness.dossier import Dossier
from workflows.domain.values import digest_of
from workflows.ports.reviews import ReadDossier, SealDossier

ISSUER = FakeIdentity()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOSSIER = Dossier(
    release="release/shop/abc",
    name="shop",
    environment="production",
    decision_digest=digest_of("decision"),
    sections=(),
)


def test_a_dossier_that_was_changed_past_the_database_is_not_believed(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = open_ledger(url)
    port = ReviewsActivities(ledger, verify=ISSUER.verify_statement)
    sealed = port.seal_dossier(SealDossier(dossier=DOSSIER, at=NOON))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER dossiers_is_not_updated"))
        connection.execute(text("UPDATE dossiers SET text = 'all is fine'"))

    with pytest.raises(Diverged, match="changed outside Lockgate"):
        port.read_dossier(ReadDossier(digest=sealed.digest))

    engine.dispose()
    ledger.dispose()

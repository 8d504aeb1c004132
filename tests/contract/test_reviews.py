"""What is promised of reviews and dossiers, on SQLite, on PostgreSQL, and of their fake."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from activities.audit import AuditActivities
from activities.ledger import open_ledger
from activities.reviews import ReviewsActivities
from tests.fakes.identity import FakeIdentity
from tests.fakes.reviews import FakeReviews
from workflows.domain.errors import PolicyViolated, ProofRefused, TargetMissing
from workflows.domain.readiness.dossier import Dossier, section
from workflows.domain.readiness.reviews import CHAIN, Rehearsal, Review
from workflows.domain.spec.readiness import Aspect
from workflows.domain.values import digest_of
from workflows.ports.audit import ReadRecord
from workflows.ports.reviews import (
    ReadDossier,
    ReadReviews,
    RecordRehearsal,
    RecordReview,
    SealDossier,
)

ISSUER = FakeIdentity()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def place(kind, request, tmp_path):
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    postgres = request.getfixturevalue("postgres")
    return f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def ports(request, tmp_path):
    """The reviews, and the audit record that they are told in."""
    if request.param == "fake":
        reviews = FakeReviews(identity=ISSUER)
        yield reviews, reviews.audit
        return
    ledger = open_ledger(place(request.param, request, tmp_path))
    yield ReviewsActivities(ledger, verify=ISSUER.verify_statement), AuditActivities(ledger)
    ledger.dispose()


@pytest.fixture
def port(ports):
    return ports[0]


def review(by="ben", *, of="content", runbook="take-back", at=NOON, approved=True):
    return Review(
        runbook=runbook,
        digest=digest_of(of),
        reviewer=by,
        approved=approved,
        note="as I read it",
        at=at,
    )


def rehearsal(*, passed=True, at=NOON):
    return Rehearsal(
        runbook="take-back", digest=digest_of("content"), by="eve", passed=passed, at=at
    )


def dossier(line="checkout v2"):
    return Dossier(
        release="release/shop/abc",
        name="shop",
        environment="production",
        decision_digest=digest_of("decision"),
        sections=(section(Aspect.MANIFEST, (line,)),),
    )


def say(port, *said):
    for one in said:
        if isinstance(one, Review):
            port.record_review(RecordReview(review=one, author="ana"))
        else:
            port.record_rehearsal(RecordRehearsal(rehearsal=one))


def recorded(audit):
    return [link.entry for link in audit.read_record(ReadRecord(release=CHAIN)).links]


def test_what_was_said_is_read_back_newest_first(port):
    early, late = review(), review("eve", at=NOON + HOUR, approved=False)

    say(port, early, rehearsal(), late)

    found = port.read_reviews(ReadReviews(runbooks=("take-back",)))
    assert found.reviews == (late, early)
    assert found.rehearsals == (rehearsal(),)


def test_the_reviews_of_other_runbooks_are_not_read(port):
    say(port, review(runbook="another"))

    assert port.read_reviews(ReadReviews(runbooks=("take-back",))).reviews == ()


def test_only_so_many_are_read_of_each_and_they_are_the_newest(port):
    said = [review(at=NOON + n * HOUR) for n in range(5)]
    say(port, *said, review(runbook="another"))

    found = port.read_reviews(ReadReviews(runbooks=("take-back", "another"), limit=2))

    assert found.reviews == (said[4], said[3], review(runbook="another"))


def test_said_twice_it_is_kept_and_recorded_once(ports):
    port, audit = ports

    say(port, review(), review())

    assert len(port.read_reviews(ReadReviews(runbooks=("take-back",))).reviews) == 1
    (entry,) = recorded(audit)
    assert (entry.action, entry.outcome, entry.actor) == ("review_runbook", "approved", "ben")


@pytest.mark.parametrize("author", ["ana", " Ana"])
def test_an_authors_own_review_is_refused_and_that_is_recorded(ports, author):
    port, audit = ports

    with pytest.raises(PolicyViolated, match="somebody else has to read it"):
        port.record_review(RecordReview(review=review(author), author="ana"))

    assert port.read_reviews(ReadReviews(runbooks=("take-back",))).reviews == ()
    (entry,) = recorded(audit)
    assert (entry.outcome, entry.actor) == ("refused", author)


ACCOUNTS = {"oidc:ben@local": "ben", "oidc:ana@local": "ana"}


def proven(port, who, said, *, stands_for=None):
    token = ISSUER.issuer.token(who, (stands_for or said).statement)
    port.record_review(RecordReview(review=said, author="ana", proof=token, accounts=ACCOUNTS))


def test_a_review_with_a_token_is_kept_as_proven_and_of_whom_it_proves(port):
    proven(port, "ben", review("somebody"))

    (kept,) = port.read_reviews(ReadReviews(runbooks=("take-back",))).reviews
    assert (kept.reviewer, kept.account) == ("ben", "oidc:ben@local")


def test_what_a_review_says_of_its_own_proof_is_not_believed(port):
    claims = review().model_copy(update={"assurance": "proven as oidc:ben@local"})

    say(port, claims)

    (kept,) = port.read_reviews(ReadReviews(runbooks=("take-back",))).reviews
    assert (kept.assurance, kept.account) == ("asserted", None)


@pytest.mark.parametrize(
    "other",
    [
        review(approved=False),
        review(of="edited"),
        review(runbook="another"),
        review(at=NOON + HOUR),
    ],
)
def test_a_token_stands_for_one_review_at_one_moment(port, other):
    """Said again later it would undo what its owner said since."""
    with pytest.raises(ProofRefused):
        proven(port, "ben", review(), stands_for=other)

    assert port.read_reviews(ReadReviews(runbooks=("take-back",))).reviews == ()


def test_an_author_cannot_review_under_another_name(port):
    with pytest.raises(PolicyViolated, match="somebody else has to read it"):
        proven(port, "ana", review("ben"))


def test_a_rehearsal_is_recorded_with_how_it_went(ports):
    port, audit = ports

    say(port, rehearsal(passed=False))

    (entry,) = recorded(audit)
    assert (entry.action, entry.outcome) == ("rehearse_runbook", "failed")


def test_a_dossier_is_kept_under_its_content_address_as_it_was_first_sealed(port):
    port.seal_dossier(SealDossier(dossier=dossier(), at=NOON))
    sealed = port.seal_dossier(SealDossier(dossier=dossier(), at=NOON + HOUR))

    found = port.read_dossier(ReadDossier(digest=sealed.digest))

    assert (found.text, found.sealed_at) == (dossier().text, NOON)
    assert digest_of(found.text) == sealed.digest == dossier().digest


def test_a_dossier_that_was_never_sealed_is_missing(port):
    with pytest.raises(TargetMissing, match="was ever sealed"):
        port.read_dossier(ReadDossier(digest=digest_of("nothing")))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return place(request.param, request, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE runbook_reviews SET approved = NOT approved",
        "DELETE FROM runbook_rehearsals",
        "UPDATE dossiers SET text = 'fine'",
    ],
)
def test_the_database_refuses_to_change_what_was_said(url, change):
    ledger = open_ledger(url)
    port = ReviewsActivities(ledger, verify=ISSUER.verify_statement)
    say(port, review(), rehearsal())
    port.seal_dossier(SealDossier(dossier=dossier(), at=NOON))
    ledger.dispose()
    engine = create_engine(url)

    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))

    engine.dispose()

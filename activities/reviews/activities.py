"""ReviewsPort on the ledger."""

from collections.abc import Callable

import structlog

from activities.ledger import Ledger
from activities.reviews.book import ReviewBook
from workflows.domain.errors import Diverged, PolicyViolated, TargetMissing
from workflows.domain.people.identity import Assurance, Proven
from workflows.domain.readiness.reviews import Review, Reviews, own_review
from workflows.domain.values import digest_of
from workflows.ports.audit import ChainHead
from workflows.ports.identity import VerifyStatement
from workflows.ports.reviews import (
    ReadDossier,
    ReadReviews,
    RecordRehearsal,
    RecordReview,
    ReviewsPort,
    Seal,
    SealDossier,
    SealedDossier,
)

Verify = Callable[[VerifyStatement], Proven]

log = structlog.get_logger(__name__)


class ReviewsActivities(ReviewsPort):
    """Keeps what people say of runbooks, and refuses what authors say of their own."""

    def __init__(self, ledger: Ledger, *, verify: Verify) -> None:
        """*verify* says whose a token is: what a front door claims of it is not believed."""
        self._book = ReviewBook(ledger)
        self._verify = verify

    def record_review(self, ask: RecordReview) -> ChainHead:
        review = self._known(ask)
        if (refused := own_review(review, ask.author)) is not None:
            self._book.note(refused)
            raise PolicyViolated(refused.detail)
        head = self._book.add(review)
        log.info("runbook_reviewed", runbook=review.runbook, approved=review.approved)
        return head

    def _known(self, ask: RecordReview) -> Review:
        if ask.proof is None:
            return ask.review.known_as(None)
        statement = ask.review.statement
        asked = VerifyStatement(statement=statement, proof=ask.proof, accounts=ask.accounts)
        return ask.review.known_as(self._verify(asked))

    def record_rehearsal(self, ask: RecordRehearsal) -> ChainHead:
        asserted = {"assurance": Assurance.ASSERTED}
        head = self._book.add(ask.rehearsal.model_copy(update=asserted))
        log.info("runbook_rehearsed", runbook=ask.rehearsal.runbook, passed=ask.rehearsal.passed)
        return head

    def read_reviews(self, ask: ReadReviews) -> Reviews:
        return self._book.newest(ask.runbooks, limit=ask.limit)

    def seal_dossier(self, ask: SealDossier) -> Seal:
        dossier = ask.dossier
        self._book.seal(
            SealedDossier(
                digest=dossier.digest,
                release=dossier.release,
                environment=dossier.environment,
                text=dossier.text,
                sealed_at=ask.at,
            )
        )
        log.info("dossier_sealed", digest=dossier.digest, environment=dossier.environment)
        return Seal(digest=dossier.digest)

    def read_dossier(self, ask: ReadDossier) -> SealedDossier:
        found = self._book.dossier(ask.digest)
        if found is None:
            raise TargetMissing(f"no dossier {ask.digest} was ever sealed")
        if (is_now := digest_of(found.text)) != ask.digest:
            raise Diverged(
                f"dossier {ask.digest} of {found.release} is {is_now} by its content: the ledger "
                "was changed outside Lockgate"
            )
        return found

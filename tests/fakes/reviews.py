"""Reviews, rehearsals and dossiers in memory."""

from tests.fakes.audit import FakeAudit
from tests.fakes.identity import FakeIdentity
from workflows.domain.errors import PolicyViolated, TargetMissing
from workflows.domain.readiness.reviews import (
    CHAIN,
    Rehearsal,
    Review,
    Reviews,
    entry_of,
    own_review,
)
from workflows.ports.audit import AppendRecord, ChainHead
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


class FakeReviews(ReviewsPort):
    """Keeps what was said; *failures* are raised first, one per reading."""

    def __init__(
        self, audit: FakeAudit | None = None, identity: FakeIdentity | None = None
    ) -> None:
        self.audit = audit or FakeAudit()
        self.identity = identity or FakeIdentity()
        self.said: dict[str, Review | Rehearsal] = {}
        self.dossiers: dict[str, SealedDossier] = {}
        self.failures: list[Exception] = []

    def record_review(self, ask: RecordReview) -> ChainHead:
        review = ask.review.known_as(None)
        if ask.proof is not None:
            asked = VerifyStatement(
                statement=ask.review.statement, proof=ask.proof, accounts=ask.accounts
            )
            review = ask.review.known_as(self.identity.verify_statement(asked))
        if (refused := own_review(review, ask.author)) is not None:
            self.audit.append_record(AppendRecord(release=CHAIN, entries=(refused,)))
            raise PolicyViolated(refused.detail)
        return self._keep(review)

    def record_rehearsal(self, ask: RecordRehearsal) -> ChainHead:
        return self._keep(ask.rehearsal.model_copy(update={"assurance": "asserted"}))

    def read_reviews(self, ask: ReadReviews) -> Reviews:
        if self.failures:
            raise self.failures.pop(0)
        newest = sorted(self.said.values(), key=lambda one: one.at, reverse=True)
        reviews: list[Review] = []
        rehearsals: list[Rehearsal] = []
        for name in ask.runbooks:
            of = [one for one in newest if one.runbook == name]
            reviews += [one for one in of if isinstance(one, Review)][: ask.limit]
            rehearsals += [one for one in of if isinstance(one, Rehearsal)][: ask.limit]
        return Reviews(reviews=tuple(reviews), rehearsals=tuple(rehearsals))

    def seal_dossier(self, ask: SealDossier) -> Seal:
        dossier = ask.dossier
        sealed = SealedDossier(
            digest=dossier.digest,
            release=dossier.release,
            environment=dossier.environment,
            text=dossier.text,
            sealed_at=ask.at,
        )
        self.dossiers.setdefault(dossier.digest, sealed)
        return Seal(digest=dossier.digest)

    def read_dossier(self, ask: ReadDossier) -> SealedDossier:
        if ask.digest not in self.dossiers:
            raise TargetMissing(f"no dossier {ask.digest} was ever sealed")
        return self.dossiers[ask.digest]

    def _keep(self, said: Review | Rehearsal) -> ChainHead:
        entry = entry_of(said)
        self.said[entry.key] = said
        return self.audit.append_record(AppendRecord(release=CHAIN, entries=(entry,)))

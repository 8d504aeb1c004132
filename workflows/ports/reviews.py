"""Reviews of runbooks, their rehearsals, and sealed dossiers: kept in the ledger, and read."""

from abc import abstractmethod
from datetime import datetime, timedelta

from pydantic import Field

from workflows.domain.audit import Moment
from workflows.domain.names import Queue
from workflows.domain.readiness.dossier import Dossier
from workflows.domain.readiness.reviews import Rehearsal, Review, Reviews
from workflows.domain.values import Digest, Value, short
from workflows.ports.audit import ChainHead
from workflows.ports.base import Message, Port, limited


class RecordReview(Message):
    """Keep what somebody says of a runbook that *author* wrote.

    With *proof*, a token of whoever says so; `accounts` maps accounts to people of the catalog.
    """

    review: Review
    author: str
    proof: str | None = Field(default=None, repr=False)
    accounts: dict[str, str] = {}

    def __str__(self) -> str:
        return f"record that {self.review}"


class RecordRehearsal(Message):
    """Keep how a rehearsal of a runbook went."""

    rehearsal: Rehearsal

    def __str__(self) -> str:
        return f"record that {self.rehearsal}"


class ReadReviews(Message):
    """Read the newest reviews and rehearsals of *runbooks*, at most *limit* of each runbook."""

    runbooks: tuple[str, ...]
    limit: int = 100

    def __str__(self) -> str:
        return f"read the reviews of {', '.join(self.runbooks)}"


class SealDossier(Message):
    """Keep *dossier* as it is, under its content address."""

    dossier: Dossier
    at: datetime

    def __str__(self) -> str:
        return f"seal dossier {short(self.dossier.digest)} of {self.dossier.environment}"


class SealedDossier(Value):
    """A dossier that can only be read any more; its text is what its digest names."""

    digest: Digest
    release: str
    environment: str
    text: str
    sealed_at: Moment


class Seal(Value):
    """Where a dossier is kept: under its content address."""

    digest: Digest


class ReadDossier(Message):
    """Read the sealed dossier of this content address."""

    digest: Digest

    def __str__(self) -> str:
        return f"read dossier {short(self.digest)}"


class ReviewsPort(Port):
    queue = Queue.AUDIT

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2))
    @abstractmethod
    def record_review(self, ask: RecordReview) -> ChainHead:
        """Keep the review and record it in the chain `runbooks`; said twice, it is kept once.

        Without a proof the name is kept as asserted, whatever the review says of it.

        Raises:
            ProofRefused: the token proves something else, or nobody; not retried.
            PolicyViolated: it is the author's own, which is recorded as refused; not retried.
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2))
    @abstractmethod
    def record_rehearsal(self, ask: RecordRehearsal) -> ChainHead:
        """Keep the rehearsal and record it in the chain `runbooks`; told twice, it is kept once.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def read_reviews(self, ask: ReadReviews) -> Reviews:
        """What was said last of each runbook, whatever it held then, newest first.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(days=7))
    @abstractmethod
    def seal_dossier(self, ask: SealDossier) -> Seal:
        """Keep the dossier; one that is kept already stays as it was first sealed.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def read_dossier(self, ask: ReadDossier) -> SealedDossier:
        """The dossier as it was sealed.

        Raises:
            TargetMissing: none was sealed under this digest; not retried.
            Diverged: what is kept is not what its digest names: the ledger was changed.
            Unavailable: the ledger does not answer; retried within the limits.
        """

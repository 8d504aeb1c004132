"""What people said of a runbook: reviews and rehearsals, each of exactly one content."""

from workflows.domain.audit import Entry, Moment
from workflows.domain.canonical import content_digest
from workflows.domain.gates.vote import is_same_person
from workflows.domain.people.identity import Assurance, Proven
from workflows.domain.people.statement import APPROVE, REJECT, Statement
from workflows.domain.values import Digest, Value, View, short

CHAIN = "runbooks"
"""The chain of the audit record that reviews and rehearsals are written to."""


_PROVEN_AS = f"{Assurance.PROVEN} as "


class Review(View):
    """One person's word on a runbook, for exactly the content that has this digest."""

    runbook: str
    digest: Digest
    reviewer: str
    approved: bool
    note: str = ""
    at: Moment
    assurance: str = Assurance.ASSERTED
    """How it was established who says so: `asserted`, or `proven as ACCOUNT` by a token."""

    @property
    def statement(self) -> Statement:
        """What the reviewer's token must stand for; of one moment, so that it is of use once."""
        return Statement(
            gate=f"runbook {self.runbook}",
            digest=self.digest,
            decision=APPROVE if self.approved else REJECT,
            reason=self.note,
            terms={"at": self.at.isoformat()},
        )

    @property
    def account(self) -> str | None:
        """The account that a token proved; None where the name is only asserted."""
        _, as_account, account = self.assurance.partition(_PROVEN_AS)
        return account if as_account else None

    def known_as(self, proven: Proven | None) -> "Review":
        """The review of whoever it is known to be of, whatever its sender says of that."""
        if proven is None:
            return self.model_copy(update={"assurance": Assurance.ASSERTED})
        known = {"reviewer": proven.person, "assurance": f"{_PROVEN_AS}{proven.account}"}
        return self.model_copy(update=known)

    def __str__(self) -> str:
        word = "approves of" if self.approved else "rejects"
        return f"{self.reviewer} {word} runbook {self.runbook} ({short(self.digest)})"


class Rehearsal(View):
    """Somebody went through a runbook, for exactly the content that has this digest."""

    runbook: str
    digest: Digest
    by: str
    passed: bool
    note: str = ""
    at: Moment
    assurance: str = Assurance.ASSERTED

    def __str__(self) -> str:
        how = "and it worked" if self.passed else "and it did not work"
        return f"{self.by} rehearsed runbook {self.runbook} ({short(self.digest)}), {how}"


class Reviews(Value):
    """The newest reviews and rehearsals of runbooks, whatever content they were for."""

    reviews: tuple[Review, ...] = ()
    rehearsals: tuple[Rehearsal, ...] = ()


def entry_of(said: Review | Rehearsal) -> Entry:
    """The entry of the audit record that says so; said twice, it is one entry."""
    kind = "review_runbook" if isinstance(said, Review) else "rehearse_runbook"
    good = said.approved if isinstance(said, Review) else said.passed
    yes, no = ("approved", "rejected") if isinstance(said, Review) else ("passed", "failed")
    return Entry(
        key=content_digest(said.model_dump(mode="json")),
        at=said.at,
        action=kind,
        sentence=str(said),
        outcome=yes if good else no,
        detail=f"{said.digest} {said.assurance} {said.note}".strip()[:500],
        actor=said.reviewer if isinstance(said, Review) else said.by,
    )


def own_review(review: Review, author: str) -> Entry | None:
    """The entry that says a review was refused as its author's own; None where it is not."""
    if not is_same_person(review.reviewer, author):
        return None
    why = (
        f"{review.reviewer} wrote runbook {review.runbook} and cannot review it: somebody else "
        "has to read it"
    )
    said = entry_of(review)
    return said.model_copy(
        update={"key": f"{said.key} refused", "outcome": "refused", "detail": why}
    )

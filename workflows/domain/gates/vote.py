"""Approvals: who said what about which content, and what that makes of a gate."""

from enum import StrEnum

from pydantic import Field

from workflows.domain.people.identity import Assurance, Proven
from workflows.domain.people.statement import APPROVE, REJECT, Statement
from workflows.domain.release.plan import GateRule
from workflows.domain.values import Digest, SentName, SentReason, Value


class Decision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Vote(Value):
    """One person's word on one decision digest.

    `environment` is the gate it was given to: a vote that names one counts at no other.
    `voter` is the name the catalog knows; `assurance` says how it was established: `asserted` by
    whoever sent the vote, or `proven` by a token that was verified. `proof` is that token, on its
    way only: a vote that counts keeps what it proved.
    """

    voter: SentName = ""
    approved: bool = True
    digest: Digest
    note: SentReason = ""
    environment: SentName | None = None
    assurance: SentName = Assurance.ASSERTED
    proof: str | None = Field(default=None, repr=False)
    proven: Proven | None = None

    def statement(self, *, release: str, run: str, gate: str) -> Statement:
        """What the voter's token must stand for at *gate* of this *run* of *release*."""
        return Statement(
            release=release,
            run=run,
            gate=gate,
            digest=self.digest,
            decision=APPROVE if self.approved else REJECT,
            reason=self.note,
        )

    def asserted(self) -> "Vote":
        """The vote without whatever its sender claims to have proven."""
        claims = {"assurance": Assurance.ASSERTED, "proof": None, "proven": None}
        return self.model_copy(update=claims)

    def proven_by(self, proven: Proven) -> "Vote":
        """The vote of the one whom the token proved; the token is left behind.

        Raises:
            VoteRefused: the vote names somebody else.
        """
        if self.voter and not is_same_person(self.voter, proven.person):
            raise VoteRefused(f"the vote is {self.voter}'s, and its token that of {proven}")
        known = {"voter": proven.person, "assurance": Assurance.PROVEN}
        return self.model_copy(update={**known, "proof": None, "proven": proven})


class VoteRefused(ValueError):
    """The vote does not count; the message says why, for the voter to read.

    `voter` is whose it was, as far as that was found out before it was refused.
    """

    voter: str = ""


def is_same_person(one: str, other: str) -> bool:
    """Whether two names differ only in how they were typed."""
    return one.strip().casefold() == other.strip().casefold()


def check_vote(rule: GateRule, vote: Vote, *, digest: str, requested_by: str) -> None:
    """Whether *vote* counts at the gate of *rule* over the content *digest*.

    Raises:
        VoteRefused: other content, the requester's own vote, somebody who holds a duty that is
            kept apart, a name that is only asserted, or nobody the gate asks for.
    """
    if vote.digest != digest:
        raise VoteRefused(
            f"the vote is about {vote.digest}, the release is {digest}: "
            "look at the plan again, then vote on what it is now"
        )
    if vote.environment not in {None, rule.environment}:
        raise VoteRefused(
            f"the vote is about {vote.environment}, the open gate is that of {rule.environment}"
        )
    if is_same_person(vote.voter, requested_by):
        raise VoteRefused(f"{vote.voter} asked for this release and cannot decide on it")
    if (did := rule.barred.get(vote.voter)) is not None:
        raise VoteRefused(f"{vote.voter} {did} and cannot decide on it")
    if rule.identity is Assurance.PROVEN and vote.proven is None:
        raise VoteRefused(
            f"the policy of {rule.environment} asks for a proven identity, and {vote.voter} is "
            "only asserted: vote with `lockgate approve` or `reject`, signed in"
        )
    if not roles_of(rule, vote):
        roles = ", ".join(need.role for need in rule.needs)
        raise VoteRefused(f"{vote.voter} holds none of the roles this gate asks for: {roles}")


def roles_of(rule: GateRule, vote: Vote) -> tuple[str, ...]:
    """What *vote* counts as: what the catalog gives its voter, and the issuer confirms."""
    given = rule.people.get(vote.voter, ())
    if vote.proven is None or vote.proven.roles is None:
        return given
    # Of a role that somebody handed over, the issuer knows nothing.
    confirmed = (*vote.proven.roles, *rule.delegated.get(vote.voter, ()))
    return tuple(role for role in given if role in confirmed)


def may_vote(rule: GateRule, requested_by: str) -> tuple[str, ...]:
    """Whose vote would count at the gate of *rule*, by what is known before anybody votes."""
    traced = set(rule.accounts.values())
    return tuple(
        name
        for name in rule.people
        if not is_same_person(name, requested_by)
        and name not in rule.barred
        and (rule.identity is Assurance.ASSERTED or name in traced)
    )


def decide(rule: GateRule, votes: dict[str, Vote]) -> Decision | None:
    """What *votes*, one per voter, make of the gate; None while it is open.

    One rejection closes the gate. Otherwise every need must be met by different people: one
    person who holds two roles fills one place only.
    """
    if any(not vote.approved for vote in votes.values()):
        return Decision.REJECTED
    places = [need.role for need in rule.needs for _ in range(need.count)]
    return Decision.APPROVED if _filled(places, _roles(rule, votes)) else None


def missing(rule: GateRule, votes: dict[str, Vote]) -> tuple[str, ...]:
    """The roles, once for each place, that no approval fills yet."""
    places = [need.role for need in rule.needs for _ in range(need.count)]
    approving = {voter: vote for voter, vote in votes.items() if vote.approved}
    roles = _roles(rule, approving)
    open_places: list[str] = []
    seated: list[str] = []
    for place in places:
        if _filled([*seated, place], roles):
            seated.append(place)
        else:
            open_places.append(place)
    return tuple(open_places)


def _roles(rule: GateRule, votes: dict[str, Vote]) -> dict[str, tuple[str, ...]]:
    return {voter: roles_of(rule, vote) for voter, vote in votes.items()}


def _filled(places: list[str], roles: dict[str, tuple[str, ...]]) -> bool:
    """Whether every place can be given to a voter of its role, nobody twice (augmenting paths)."""
    seat_of: dict[str, int] = {}

    def seat(place: int, tried: set[str]) -> bool:
        for voter, held in roles.items():
            if places[place] not in held or voter in tried:
                continue
            tried.add(voter)
            if voter not in seat_of or seat(seat_of[voter], tried):
                seat_of[voter] = place
                return True
        return False

    return all(seat(place, set()) for place in range(len(places)))

"""Approvals: who said what about which content, and what that makes of a gate."""

from enum import StrEnum

from workflows.domain.plan import GateRule
from workflows.domain.values import Digest, Value


class Decision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Vote(Value):
    """One person's word on one decision digest.

    `environment` is the gate it was given to: a vote that names one counts at no other.
    `voter` is the name the catalog knows; `assurance` says how it was established: `asserted` by
    whoever sent the vote, or `proven` by a token that was verified.
    """

    voter: str
    approved: bool = True
    digest: Digest
    note: str = ""
    environment: str | None = None
    assurance: str = "asserted"


class VoteRefused(ValueError):
    """The vote does not count; the message says why, for the voter to read."""


def is_same_person(one: str, other: str) -> bool:
    """Whether two names differ only in how they were typed."""
    return one.strip().casefold() == other.strip().casefold()


def check_vote(rule: GateRule, vote: Vote, *, digest: str, requested_by: str) -> None:
    """Whether *vote* counts at the gate of *rule* over the content *digest*.

    Raises:
        VoteRefused: other content, the requester's own vote, or nobody the gate asks for.
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
    if vote.voter not in rule.people:
        roles = ", ".join(need.role for need in rule.needs)
        raise VoteRefused(f"{vote.voter} holds none of the roles this gate asks for: {roles}")


def decide(rule: GateRule, votes: dict[str, Vote]) -> Decision | None:
    """What *votes*, one per voter, make of the gate; None while it is open.

    One rejection closes the gate. Otherwise every need must be met by different people: one
    person who holds two roles fills one place only.
    """
    if any(not vote.approved for vote in votes.values()):
        return Decision.REJECTED
    places = [need.role for need in rule.needs for _ in range(need.count)]
    return Decision.APPROVED if _filled(places, rule, tuple(votes)) else None


def missing(rule: GateRule, votes: dict[str, Vote]) -> tuple[str, ...]:
    """The roles, once for each place, that no approval fills yet."""
    places = [need.role for need in rule.needs for _ in range(need.count)]
    approving = tuple(voter for voter, vote in votes.items() if vote.approved)
    open_places: list[str] = []
    seated: list[str] = []
    for place in places:
        if _filled([*seated, place], rule, approving):
            seated.append(place)
        else:
            open_places.append(place)
    return tuple(open_places)


def _filled(places: list[str], rule: GateRule, voters: tuple[str, ...]) -> bool:
    """Whether every place can be given to a voter of its role, nobody twice (augmenting paths)."""
    seat_of: dict[str, int] = {}

    def seat(place: int, tried: set[str]) -> bool:
        for voter in voters:
            if places[place] not in rule.people.get(voter, ()) or voter in tried:
                continue
            tried.add(voter)
            if voter not in seat_of or seat(seat_of[voter], tried):
                seat_of[voter] = place
                return True
        return False

    return all(seat(place, set()) for place in range(len(places)))

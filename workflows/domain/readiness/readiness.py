"""Go or no-go: who has said what on which dossier, and what that makes of a readiness review."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from workflows.domain.gates.escalation import (
    EscalationView,
    escalation_rule,
    holders,
    named,
    unreachable,
)
from workflows.domain.gates.vote import Vote, decide, is_same_person, missing
from workflows.domain.people.identity import Assurance
from workflows.domain.readiness.dossier import Dossier
from workflows.domain.release.plan import GateRule, ReadinessRule, RoleNeed
from workflows.domain.spec import Catalog, ReleaseSpec
from workflows.domain.values import Digest, Value, View, short


class ReadinessState(StrEnum):
    """Where a review stands; only `Go` lets the release on."""

    SCHEDULED = "Scheduled"
    OPEN = "Open"
    GO = "Go"
    NO_GO = "NoGo"
    SILENT = "Silent"
    """The release could start by now, and somebody has not said a word."""
    CLOSED = "Closed"
    """Nobody waits for it any more."""


class ReadinessSubject(Value):
    """What a review is about as its release knows it now; *due_at* is when it could start."""

    dossier: Dossier
    due_at: AwareDatetime | None = None


class ReadinessOrder(Value):
    """What a release hands to the review that it opens for one environment."""

    release: str
    name: str
    services: tuple[str, ...] = ()
    requested_by: str
    rule: ReadinessRule
    subject: ReadinessSubject


class WordRefused(ValueError):
    """The word does not count; the message says why, for whoever said it to read."""


class ReadinessView(View):
    """A review as people and pipelines see it."""

    release: str
    name: str
    environment: str
    run: str = ""
    """The run of the review, which proofs of identity name."""
    identity: Assurance = Assurance.ASSERTED
    state: ReadinessState = ReadinessState.SCHEDULED
    round: int = 0
    """How often it was opened; each time all words start anew."""
    dossier: Digest | None = None
    """The content address of what is decided on; `lockgate readiness show` prints it."""
    opens_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    words: tuple[Vote, ...] = ()
    missing: tuple[str, ...] = ()
    """The roles that have not said go."""
    may_speak: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()
    """What had changed when it was opened anew."""
    escalation: EscalationView | None = None
    closed_because: str = ""

    @property
    def go(self) -> bool:
        """Whether the release may go on, as far as this review is concerned."""
        return self.state is ReadinessState.GO

    @property
    def reason(self) -> str:
        """Why it holds the release, or that it does not."""
        if self.state is ReadinessState.SCHEDULED:
            return "opens before the release could start"
        if self.state is ReadinessState.NO_GO:
            said = next(word for word in self.words if not word.approved)
            return f"{said.voter} says no-go" + (f": {said.note}" if said.note else "")
        if self.state is ReadinessState.GO:
            return f"go by {', '.join(word.voter for word in self.words)}"
        silent = f"no go yet of {', '.join(self.missing)}"
        if self.state is ReadinessState.SILENT:
            return f"{silent}, and the release could start by now"
        return silent if self.state is ReadinessState.OPEN else self.closed_because


def readiness_rule(environment: str, catalog: Catalog) -> ReadinessRule | None:
    """The rule of *environment*; None where nobody has to say go."""
    ref = catalog.environments[environment].policy_ref
    review = catalog.policies[ref].readiness_review if ref is not None else None
    if review is None:
        return None
    asked = set(review.roles)
    return ReadinessRule(
        environment=environment,
        roles=review.roles,
        people={
            name: roles
            for name, person in sorted(catalog.people.items())
            if (roles := tuple(role for role in person.roles if role in asked))
        },
        before=review.before,
        escalation=escalation_rule(
            review.escalate_to, catalog.people, remind_every=review.remind_after
        ),
        reopen_on=review.reopen_on,
    )


def unready(release: ReleaseSpec, catalog: Catalog) -> Iterator[str]:
    """Name each review that could never end, and each level of escalation that reaches nobody."""
    for stop in release.environments:
        environment = catalog.environments.get(stop.name)
        policy = catalog.policies.get(environment.policy_ref or "") if environment else None
        if policy is None or (review := policy.readiness_review) is None:
            continue
        where = f"environment {stop.name!r}: readinessReview"
        for role in review.roles:
            if not holders(role, catalog.people):
                yield f"{where} asks role {role!r}, which no Person in the catalog holds"
        for at, kind, to in unreachable(review.escalate_to, catalog.people):
            yield f"{where}.escalateTo[{at}] asks {kind} {to!r}, which is nobody in the catalog"


def never_ready(rules: Collection[ReadinessRule], requested_by: str) -> Iterator[str]:
    """Name each review that stays open even if everybody says go who may."""
    for rule in rules:
        speakers = [name for name in rule.people if not _asks(rule, name, requested_by)]
        digest = f"sha256:{0:064x}"
        words = {name: Vote(voter=name, approved=True, digest=digest) for name in speakers}
        if left := missing(_as_gate(rule), words):
            yield (
                f"environment {rule.environment!r} asks {', '.join(rule.roles)} for readiness, "
                f"and {requested_by}, who asks for the release, fills none of them; nobody is "
                f"left for {', '.join(left)}"
            )


def check_word(
    rule: ReadinessRule, word: Vote, *, dossier: Digest | None, requested_by: str
) -> None:
    """Whether *word* counts in the review of *rule* on the *dossier* that is open.

    Raises:
        WordRefused: the review is not open, the word is about something else, or by somebody
            who is not asked.
    """
    if dossier is None:
        raise WordRefused(f"the review of {rule.environment} is not open yet")
    if word.digest != dossier:
        raise WordRefused(
            f"the word is about dossier {short(word.digest)}, and {short(dossier)} is under "
            "review: read it again, then say whether you still mean it"
        )
    if word.environment not in {None, rule.environment}:
        raise WordRefused(
            f"the word is about {word.environment}, this is the review of {rule.environment}"
        )
    if word.voter not in rule.people:
        raise WordRefused(
            f"{word.voter} holds none of the roles that are asked: {', '.join(rule.roles)}"
        )
    if rule.identity is Assurance.PROVEN and word.proven is None:
        raise WordRefused(
            f"the policy asks for a proven identity, and {word.voter} is only asserted"
        )
    if word.approved and _asks(rule, word.voter, requested_by):
        raise WordRefused(
            f"{word.voter} asked for this release: somebody else must say go; a no-go would count"
        )


def where(environment: str) -> str:
    """What a proof of identity names as that which is spoken about."""
    return f"readiness of {environment}"


def open_roles(rule: ReadinessRule, words: Mapping[str, Vote]) -> tuple[str, ...]:
    """The roles that nobody has said go for; one person speaks for one of them."""
    return missing(_as_gate(rule), dict(words))


def state_of(
    rule: ReadinessRule, words: Mapping[str, Vote], *, due_at: datetime, now: datetime
) -> ReadinessState:
    """What *words* make of an open review: one no-go holds it, and so does silence."""
    if any(not word.approved for word in words.values()):
        return ReadinessState.NO_GO
    if decide(_as_gate(rule), dict(words)) is not None:
        return ReadinessState.GO
    return ReadinessState.SILENT if now >= due_at else ReadinessState.OPEN


def due(subject: ReadinessSubject, rule: ReadinessRule, *, now: datetime) -> datetime:
    """When the release could start; where no slot says so, once the review had its time."""
    if subject.due_at is None or subject.due_at <= now:
        return now + rule.before
    return subject.due_at


def opens_at(subject: ReadinessSubject, rule: ReadinessRule, *, now: datetime) -> datetime:
    """When the review opens: at once where no slot says when the release could start."""
    return now if subject.due_at is None else max(now, subject.due_at - rule.before)


def asked_of(rule: ReadinessRule, roles: Collection[str]) -> str:
    """The open *roles* with the people who could speak for them."""
    return ", ".join(
        named(role, tuple(name for name, held in rule.people.items() if role in held))
        for role in dict.fromkeys(roles)
    )


def _asks(rule: ReadinessRule, person: str, requested_by: str) -> bool:
    """Whether it is *person* who asks for the release, by name or as a proof shows."""
    return any(is_same_person(person, one) for one in (requested_by, *rule.asked_by))


def _as_gate(rule: ReadinessRule) -> GateRule:
    """A review fills its roles as a gate does: each by another person."""
    return GateRule(
        environment=rule.environment,
        needs=tuple(RoleNeed(role=role, count=1) for role in rule.roles),
        people=rule.people,
        open_for=timedelta(0),
    )

"""Setting a window aside: so many people, for a reason, for a while; and it is looked back on."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from workflows.domain.calendar.windows import Granted, OverrideRule
from workflows.domain.durations import write_duration
from workflows.domain.gates.gates import WaiverGuard
from workflows.domain.gates.vote import is_same_person
from workflows.domain.people.identity import Assurance, Proven
from workflows.domain.people.statement import Statement
from workflows.domain.values import Digest, SentName, Value, View

OVERRIDE = "override"
"""The word in the statement that a token stands for."""


class Override(Value):
    """One person's word that *window* does not bar this release, for as long as *lasts*.

    It stands once as many others as the window asks for say the same. `assurance`, `proof` and
    `proven` are as in a vote.
    """

    by: SentName = ""
    window: SentName
    reason: str = Field(max_length=500)
    lasts: timedelta
    assurance: SentName = Assurance.ASSERTED
    proof: str | None = Field(default=None, repr=False)
    proven: Proven | None = None

    def statement(self, *, release: str, run: str, digest: Digest) -> Statement:
        """What the token of whoever says so must stand for, in this *run* of *release*."""
        return Statement(
            release=release,
            run=run,
            gate=f"window/{self.window}",
            digest=digest,
            decision=OVERRIDE,
            reason=self.reason,
            terms={"lasts": write_duration(self.lasts)},
        )

    def asserted(self) -> "Override":
        """The word without whatever its sender claims to have proven."""
        claims = {"assurance": Assurance.ASSERTED, "proof": None, "proven": None}
        return self.model_copy(update=claims)

    def proven_by(self, proven: Proven) -> "Override":
        """The word of the one whom the token proved; the token is left behind.

        Raises:
            OverrideRefused: it names somebody else.
        """
        if self.by and not is_same_person(self.by, proven.person):
            raise OverrideRefused(f"the word is {self.by}'s, and its token that of {proven}")
        known = {"by": proven.person, "assurance": Assurance.PROVEN}
        return self.model_copy(update={**known, "proof": None, "proven": proven})


class OverrideView(View):
    """What a word made of its window, for the one who gave it to read."""

    window: str
    stands: bool
    by: tuple[str, ...]
    missing: int
    granted: Granted | None = None


class OverrideRefused(ValueError):
    """The word does not count; the message says why, for whoever gave it to read."""


def check_override(
    rule: OverrideRule | None,
    said: Override,
    *,
    people: dict[str, tuple[str, ...]],
    requested_by: str,
    guard: WaiverGuard = WaiverGuard(),  # noqa: B008 - frozen
) -> None:
    """Whether *said* counts towards setting aside a window of *rule*.

    Raises:
        OverrideRefused: nobody may set it aside, or not this person, or not for so long; there is
            no reason.
    """
    if rule is None:
        raise OverrideRefused(f"{said.window} cannot be set aside: it has no `override`")
    if not said.reason.strip():
        raise OverrideRefused("an override needs a reason: whoever looks back will ask for it")
    if is_same_person(said.by, requested_by):
        raise OverrideRefused(f"{said.by} asked for this release and cannot override for it")
    if (did := guard.barred.get(said.by)) is not None:
        raise OverrideRefused(f"{said.by} cannot override for this release: {did}")
    if guard.identity is Assurance.PROVEN and said.proven is None:
        raise OverrideRefused(
            f"the policy asks for a proven identity, and {said.by or 'nobody'} is only asserted"
        )
    if said.by not in people:
        raise OverrideRefused(f"{said.by} is nobody the release's catalog knows")
    if rule.roles and not set(rule.roles).intersection(_roles_of(people, said)):
        raise OverrideRefused(f"{said.by} has none of the roles {', '.join(rule.roles)}")
    if not timedelta(0) < said.lasts <= rule.max_duration:
        most = write_duration(rule.max_duration)
        raise OverrideRefused(
            f"{said.window} is set aside for at most {most}, and more than nothing; this asks for "
            f"{write_duration(said.lasts)}"
        )


def _roles_of(people: dict[str, tuple[str, ...]], said: Override) -> tuple[str, ...]:
    """What the catalog gives whoever says so, and the issuer confirms."""
    given = people[said.by]
    confirmed = said.proven.roles if said.proven is not None else None
    return given if confirmed is None else tuple(role for role in given if role in confirmed)


class GivenOverride(Value):
    """A word that counts, and since when: until what it asks for would be over."""

    word: Override
    at: datetime

    def counts(self, now: datetime) -> bool:
        return now < self.at + self.word.lasts


def weigh(
    rule: OverrideRule, said: Iterable[Override], now: datetime
) -> tuple[tuple[str, ...], Granted | None]:
    """Who has said so, each once, and what they have set aside once they are enough.

    It lasts as long as the most careful of them says.
    """
    words = {one.by: one for one in said}
    by = tuple(words)
    if len(by) < rule.approvers:
        return by, None
    newest = next(reversed(words.values()))
    return by, Granted(
        window=newest.window,
        by=by,
        reason="; ".join(dict.fromkeys(word.reason.strip() for word in words.values()))[:500],
        granted_at=now,
        expires_at=now + min(word.lasts for word in words.values()),
        retrospective_by=now + rule.retrospective,
    )

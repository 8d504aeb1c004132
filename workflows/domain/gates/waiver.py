"""Waivers: some people together let a release past a gate, for a reason and for a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from workflows.domain.durations import write_duration
from workflows.domain.gates.gates import WaiverGuard, WaiverRule
from workflows.domain.gates.vote import is_same_person
from workflows.domain.people.identity import Assurance, Proven
from workflows.domain.people.statement import Statement
from workflows.domain.values import Digest, SentName, Value, View


class Waiver(Value):
    """One person's word that *gate* need not hold, on one decision digest.

    It stands once as many others as the policy asks say the same, until *lasts* is over, and only
    for what the gate lacked when it was given. `assurance`, `proof` and `proven` are as in a vote.
    """

    by: SentName = ""
    gate: SentName
    environment: SentName | None = None
    digest: Digest
    reason: str = Field(max_length=500)
    lasts: timedelta
    assurance: SentName = Assurance.ASSERTED
    proof: str | None = Field(default=None, repr=False)
    proven: Proven | None = None

    def statement(self, *, release: str, run: str, environment: str) -> Statement:
        """What the token of whoever waives must stand for, in this *run* of *release*."""
        return Statement(
            release=release,
            run=run,
            gate=f"{environment}/{self.gate}",
            digest=self.digest,
            decision=WAIVE,
            reason=self.reason,
            terms={"lasts": write_duration(self.lasts)},
        )

    def asserted(self) -> "Waiver":
        """The waiver without whatever its sender claims to have proven."""
        claims = {"assurance": Assurance.ASSERTED, "proof": None, "proven": None}
        return self.model_copy(update=claims)

    def proven_by(self, proven: Proven) -> "Waiver":
        """The waiver of the one whom the token proved; the token is left behind.

        Raises:
            WaiverRefused: the waiver names somebody else.
        """
        if self.by and not is_same_person(self.by, proven.person):
            raise WaiverRefused(f"the waiver is {self.by}'s, and its token that of {proven}")
        known = {"by": proven.person, "assurance": Assurance.PROVEN}
        return self.model_copy(update={**known, "proof": None, "proven": proven})


class GivenWaiver(Value):
    """A waiver that counts: when it was given, and what the gate lacked then."""

    waiver: Waiver
    at: datetime
    lacking: str

    @property
    def expires_at(self) -> datetime:
        return self.at + self.waiver.lasts


class WaiverView(View):
    """What a waiver made of its gate, for the one who gave it to read."""

    gate: str
    environment: str
    stands: bool
    by: tuple[str, ...]
    missing: int
    expires_at: datetime | None = None


class WaiverRefused(ValueError):
    """The waiver does not count; the message says why, for whoever gave it to read."""


WAIVE = "waive"


def check_waiver(
    rule: WaiverRule | None,
    waiver: Waiver,
    *,
    guard: WaiverGuard,
    digest: str,
    requested_by: str,
) -> None:
    """Whether *waiver* counts at a gate that is waived by *rule*.

    Raises:
        WaiverRefused: nobody may waive the gate, or not this person, or not for so long; there is
            no reason; it is about other content.
    """
    if rule is None:
        raise WaiverRefused(f"gate {waiver.gate} cannot be waived: its policy names nobody")
    if waiver.digest != digest:
        raise WaiverRefused(
            f"the waiver is about {waiver.digest}, the release is {digest}: "
            "look at what has changed, then say whether you still mean it"
        )
    if not waiver.reason.strip():
        raise WaiverRefused("a waiver needs a reason: whoever reads the record will ask for it")
    if is_same_person(waiver.by, requested_by):
        raise WaiverRefused(f"{waiver.by} asked for this release and cannot waive its gates")
    if (did := guard.barred.get(waiver.by)) is not None:
        raise WaiverRefused(f"{waiver.by} {did} and cannot waive its gates")
    if guard.identity is Assurance.PROVEN and waiver.proven is None:
        raise WaiverRefused(
            f"the policy asks for a proven identity, and {waiver.by} is only asserted: waive with "
            "`lockgate waive`, signed in"
        )
    if not _roles_of(rule, waiver):
        may = ", ".join(rule.people) or "nobody in the catalog"
        raise WaiverRefused(f"{waiver.by} may not waive {waiver.gate}; who may: {may}")
    if not timedelta(0) < waiver.lasts <= rule.at_most:
        raise WaiverRefused(
            f"a waiver of {waiver.gate} lasts at most {rule.at_most}, and more than nothing; "
            f"this one asks for {waiver.lasts}"
        )


def _roles_of(rule: WaiverRule, waiver: Waiver) -> tuple[str, ...]:
    """What *waiver* counts as: what the catalog gives whoever waives, and the issuer confirms."""
    given = rule.people.get(waiver.by, ())
    confirmed = waiver.proven.roles if waiver.proven is not None else None
    return given if confirmed is None else tuple(role for role in given if role in confirmed)


def counting(
    given: Iterable[GivenWaiver], *, lacking: str, now: datetime
) -> tuple[GivenWaiver, ...]:
    """Those that still count: not over, and given for what the gate lacks now; the latest each."""
    latest = {each.waiver.by: each for each in given}
    return tuple(
        each for each in latest.values() if each.lacking == lacking and now < each.expires_at
    )


def stands_until(
    given: Iterable[GivenWaiver], rule: WaiverRule | None, *, lacking: str, now: datetime
) -> datetime | None:
    """Until when the gate is waived: as long as enough people's waivers count; None if it is not.

    With more people than the rule asks for, those whose waivers end first are not missed.
    """
    if rule is None:
        return None
    ends = sorted(one.expires_at for one in counting(given, lacking=lacking, now=now))
    return ends[-rule.approvers] if len(ends) >= rule.approvers else None

"""Waivers: some people together let a release past a gate, for a reason and for a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from workflows.domain.gates import WaiverRule
from workflows.domain.values import Digest, Value, View
from workflows.domain.vote import is_same_person


class Waiver(Value):
    """One person's word that *gate* need not hold, on one decision digest.

    It stands once as many others as the policy asks say the same, until *lasts* is over, and only
    for what the gate lacked when it was given.
    """

    by: str
    gate: str
    environment: str | None = None
    digest: Digest
    reason: str = Field(max_length=500)
    lasts: timedelta


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


def check_waiver(
    rule: WaiverRule | None, waiver: Waiver, *, digest: str, requested_by: str
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
    if waiver.by not in rule.people:
        may = ", ".join(rule.people) or "nobody in the catalog"
        raise WaiverRefused(f"{waiver.by} may not waive {waiver.gate}; who may: {may}")
    if not timedelta(0) < waiver.lasts <= rule.at_most:
        raise WaiverRefused(
            f"a waiver of {waiver.gate} lasts at most {rule.at_most}, and more than nothing; "
            f"this one asks for {waiver.lasts}"
        )


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

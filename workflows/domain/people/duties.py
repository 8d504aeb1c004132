"""Separation of duties: no human does two things of which one is meant to check the other."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Literal

from workflows.domain.people.identity import Account, IdentityMap
from workflows.domain.values import Value


class Duty(StrEnum):
    """What somebody does for a release."""

    AUTHOR = "author"
    """Wrote a commit of the change, or is named in one as its co-author."""
    BUILDER = "builder"
    """Built what is released, or had it built."""
    TRIGGER = "trigger"
    """Asked for the release."""
    RUNBOOK_AUTHOR = "runbookAuthor"
    """Wrote the way back."""
    APPROVER = "approver"
    """Decides at a gate."""


CHECKED_BY_APPROVERS = (Duty.AUTHOR, Duty.BUILDER, Duty.TRIGGER, Duty.RUNBOOK_AUTHOR)


class Holding(Value):
    """An account that has done a duty, and how that is known."""

    duty: Duty
    account: Account
    because: str


class Gap(Value):
    """Why somebody may have done a duty of whom nothing tells."""

    duty: Duty
    why: str


class Bar(Value):
    """A human who cannot approve, and why: they hold a duty that an approver checks."""

    human: str
    duty: Duty
    because: str

    def __str__(self) -> str:
        return f"{self.human} {self.because}"


class Separation(Value):
    """Which duties lie with different humans.

    Of each set in `distinct`, a human holds one duty at most. Duties of `required` must be known
    to be somebody's. `machines` are keys of accounts with nobody behind them, such as hosted
    builders. Accounts that are mapped to nobody deny the release, or are only reported; those
    of the duties in `reported` in any case.
    """

    distinct: tuple[tuple[Duty, ...], ...] = tuple(
        (duty, Duty.APPROVER) for duty in CHECKED_BY_APPROVERS
    )
    required: tuple[Duty, ...] = ()
    machines: tuple[str, ...] = ()
    unmapped: Literal["deny", "report"] = "deny"
    reported: tuple[Duty, ...] = ()

    def denies(self, duty: Duty) -> bool:
        """Whether an account that did *duty* and leads to nobody denies the release."""
        return self.unmapped == "deny" and duty not in self.reported

    def apart(self, one: Duty, other: Duty) -> bool:
        """Whether these two must lie with different humans."""
        return one is not other and any(one in each and other in each for each in self.distinct)

    @property
    def named(self) -> frozenset[Duty]:
        return frozenset(duty for each in self.distinct for duty in each)


class DutiesRuling(Value):
    """Who is kept from approving, what denies the release, and what is only worth knowing."""

    bars: tuple[Bar, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def barred(self) -> dict[str, str]:
        """Each human who cannot approve, with every reason."""
        reasons: dict[str, list[str]] = {}
        for bar in self.bars:
            reasons.setdefault(bar.human, []).append(bar.because)
        return {human: ", ".join(dict.fromkeys(told)) for human, told in reasons.items()}


def separate(
    separation: Separation,
    holdings: Iterable[Holding],
    humans: IdentityMap,
    *,
    gaps: Iterable[Gap] = (),
) -> DutiesRuling:
    """Resolve who did what to humans, and rule on who may not approve.

    A duty that *separation* does not name keeps nobody from anything. An account that leads to no
    human could be anybody's, so it is never passed over in silence; nor are *gaps*, which deny
    where the duty must be known.
    """
    held = [each for each in holdings if each.duty in separation.named]
    done = {each.duty for each in held}
    held = [each for each in held if each.account.key not in separation.machines]
    known = [(each, human) for each in held if (human := humans.human(each.account)) is not None]
    unmapped = [each for each in held if humans.human(each.account) is None]
    denied = [_unmapped(each) for each in unmapped if separation.denies(each.duty)]
    told = [_unmapped(each) for each in unmapped if not separation.denies(each.duty)]
    missing = [gap for gap in gaps if gap.duty in separation.named]
    return DutiesRuling(
        bars=tuple(
            Bar(human=human, duty=each.duty, because=each.because)
            for each, human in known
            if separation.apart(each.duty, Duty.APPROVER)
        ),
        problems=(
            *dict.fromkeys(denied),
            *(_untold(gap) for gap in missing if gap.duty in separation.required),
            *_unheld(separation, done),
            *_clashes(separation, known),
        ),
        remarks=(
            *dict.fromkeys(told),
            *(_untold(gap) for gap in missing if gap.duty not in separation.required),
        ),
    )


def _unmapped(holding: Holding) -> str:
    return (
        f"{holding.account}, who {holding.because}, is mapped to no person of the catalog: "
        f"add the account to the `accounts` of the one whose it is"
    )


def _untold(gap: Gap) -> str:
    return f"nobody can be shown not to be {gap.duty}: {gap.why}"


def _unheld(separation: Separation, found: set[Duty]) -> Iterator[str]:
    """Name each duty of which nobody knows who or what did it."""
    for duty in separation.required:
        if duty not in found and duty is not Duty.APPROVER:
            yield (
                f"separation of duties names the {duty}, and nothing tells who that is: "
                f"{_REMEDIES[duty]}"
            )


def _clashes(separation: Separation, known: list[tuple[Holding, str]]) -> Iterator[str]:
    """Name each human who holds two duties that are kept apart, each pair once."""
    told = set()
    for position, (one, human) in enumerate(known):
        for other, same in known[position + 1 :]:
            pair = (human, frozenset({one.duty, other.duty}))
            if human == same and separation.apart(one.duty, other.duty) and pair not in told:
                told.add(pair)
                yield (
                    f"{human} {one.because} and {other.because}: "
                    f"{one.duty} and {other.duty} must be different people"
                )


_REMEDIES = {
    Duty.AUTHOR: "give each service of the release its `source`",
    Duty.BUILDER: "ask for the build's provenance by a criterion, and add it as evidence",
    Duty.TRIGGER: "start the release with a proven identity",
    Duty.RUNBOOK_AUTHOR: "name the runbook of the release",
}

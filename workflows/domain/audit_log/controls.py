"""Which records show that a control was carried out, and where none does."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase

from workflows.domain.audit import Link
from workflows.domain.audit_log.pack import ChainPart
from workflows.domain.values import Name, SpecPart, Value

RELEASES = "release/"
"""How the chains of releases begin; every other chain belongs to no release."""


class Where(StrEnum):
    """Where a control's records are: with each release, elsewhere, or in the log as a whole."""

    RELEASES = "releases"
    ELSEWHERE = "elsewhere"
    LOG = "log"


class Sought(SpecPart):
    """Records of some actions, and what they show.

    `actions` and `outcomes` are patterns with `*`. Where it is `always` sought, a release without
    one is a gap; or else what they show happens only when it is needed.
    """

    shows: str
    where: Where = Where.RELEASES
    actions: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ("*",)
    by_person: bool = False
    always: bool = False

    def matches(self, link: Link) -> bool:
        entry = link.entry
        return (
            any(fnmatchcase(entry.action, pattern) for pattern in self.actions)
            and any(fnmatchcase(entry.outcome, pattern) for pattern in self.outcomes)
            and (entry.actor is not None or not self.by_person)
        )


class Control(SpecPart):
    """What somebody must be able to show, in our own words, and the records that show it."""

    id: Name
    reference: str
    title: str
    asks: str
    evidence: tuple[Sought, ...]
    beyond: str = ""
    """What no record of Lockgate shows, and an auditor must look for elsewhere."""


class ControlSet(SpecPart):
    framework: Name
    title: str
    note: str
    controls: tuple[Control, ...]


class Place(Value):
    """One record, by its chain and position."""

    chain: str
    position: int


class Shown(Value):
    """What was found of one thing that was sought."""

    shows: str
    places: tuple[Place, ...]
    gaps: tuple[str, ...]


class ControlFinding(Value):
    """One control with the records that show it; it has gaps where some are missing."""

    id: str
    reference: str
    title: str
    asks: str
    beyond: str
    shown: tuple[Shown, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        return tuple(gap for shown in self.shown for gap in shown.gaps)


def map_controls(controls: ControlSet, parts: Sequence[ChainPart]) -> tuple[ControlFinding, ...]:
    """Each control beside the records of *parts*, all of which are under a checkpoint."""
    return tuple(
        ControlFinding(
            id=control.id,
            reference=control.reference,
            title=control.title,
            asks=control.asks,
            beyond=control.beyond,
            shown=tuple(_shown(sought, parts) for sought in control.evidence),
        )
        for control in controls.controls
    )


def _shown(sought: Sought, parts: Sequence[ChainPart]) -> Shown:
    if sought.where is Where.LOG:
        ends = (
            Place(chain=part.chain, position=part.links[-1].position)
            for part in parts
            if part.links and len(part.proofs) == len(part.links)
        )
        open_yet = (p.chain for p in parts if len(p.proofs) < len(p.links))
        gaps = tuple(f"{chain}: records under no checkpoint" for chain in open_yet)
        return Shown(shows=sought.shows, places=tuple(ends), gaps=gaps)
    places: list[Place] = []
    missing: list[str] = []
    for part in _of(sought.where, parts):
        found = [
            Place(chain=part.chain, position=link.position)
            for link in part.links
            if sought.matches(link)
        ]
        places += found
        if not found and sought.always and sought.where is Where.RELEASES:
            missing.append(f"{part.chain}: no record of this: {sought.shows}")
    if sought.always and not places and not missing:
        missing.append(f"no record of this in any chain that was exported: {sought.shows}")
    return Shown(shows=sought.shows, places=tuple(places), gaps=tuple(missing))


def _of(where: Where, parts: Sequence[ChainPart]) -> Iterator[ChainPart]:
    for part in parts:
        if part.chain.startswith(RELEASES) is (where is Where.RELEASES):
            yield part

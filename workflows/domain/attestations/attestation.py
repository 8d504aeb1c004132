"""A file of evidence as rulings see it: bound to a build, summarised, its signers known."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from workflows.domain.attestations.figures import (
    AnalysisFigures,
    Figures,
    SuiteFigures,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.values import Digest, Value

Sentence = Annotated[str, Field(max_length=1000)]


class Reading(Value):
    """What one file says, whoever it is about.

    *artifacts* are the builds that the file itself names; empty where its format names none.
    *produced_at* is its own word on when it was made, None where it has none.
    """

    type: EvidenceType
    figures: Figures
    produced_at: AwareDatetime | None = None
    artifacts: tuple[Digest, ...] = ()
    signed: bool = False


class Attestation(Value):
    """Evidence about one build.

    `digest` is the content address of the stored file, `at` when it was produced: never later than
    it was received, whatever it says itself. `keys` are the ids of those public keys, of all that
    were asked about, that verify a signature of it. `flaw` says why it cannot be believed at all;
    then there are no figures.
    """

    artifact: Digest
    type: EvidenceType
    digest: Digest
    at: AwareDatetime
    size: int
    added_by: str
    signed: bool = False
    keys: tuple[str, ...] = ()
    figures: Figures | None = None
    flaw: Sentence = ""


def made_at(produced_at: datetime | None, *, received_at: datetime) -> datetime:
    """When evidence counts as produced: its own word, but never after it was received."""
    return received_at if produced_at is None else min(produced_at, received_at)


def kept(attestations: Iterable[Attestation], *, of_each: int = 1) -> tuple[Attestation, ...]:
    """The newest *of_each* of every build, type, suite or tool, and set of keys that verify it.

    One of each is all that a ruling can go by: the newest that some of the keys have signed. So
    nobody pushes signed evidence out by adding files.
    """
    taken: Counter[tuple[object, ...]] = Counter()
    chosen = []
    for each in sorted(attestations, key=_by_trust, reverse=True):
        kind = (each.artifact, each.type, label_of(each.figures), each.keys, bool(each.flaw))
        taken[kind] += 1
        if taken[kind] <= of_each:
            chosen.append(each)
    return tuple(chosen)


def label_of(figures: Figures | None) -> str:
    """The suite or tool that the figures are of; empty for other kinds."""
    if isinstance(figures, SuiteFigures):
        return figures.suite
    return figures.tool if isinstance(figures, AnalysisFigures) else ""


def _by_trust(each: Attestation) -> tuple[bool, bool, datetime, Digest]:
    return (not each.flaw, bool(each.keys), each.at, each.digest)

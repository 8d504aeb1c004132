"""The audit record: entries that each hold the hash of the one before."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from workflows.domain.canonical import canonical
from workflows.domain.values import Digest, Value, digest_of

GENESIS: Digest = digest_of("lockgate evidence chain")
"""What the first entry of every chain names as its predecessor."""


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _storable(text: str) -> str:
    """PostgreSQL holds no NUL, and words that come from outside systems may; show its symbol."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}")


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment in UTC: one moment has one text, so that storing it cannot change a hash."""

DECISION = "decision"
"""The action under which a ruling is on the record, with its content address as detail."""

Words = Annotated[str, AfterValidator(_storable)]


class Entry(Value):
    """One action or decision of a release, as its story tells it.

    `key` is unique within the release and the same on every retry, so an entry is appended once.
    `action` is the port method or decision, `sentence` the line an operator reads, `outcome`
    `done`, a decision's word, or the kind of error; `actor` is the person, or None where the
    release acted by itself.
    """

    key: Words
    at: Moment
    action: Words
    sentence: Words
    outcome: Words
    detail: Words = ""
    actor: Words | None = None


class Handover(Value):
    """Entries that one story hands to another, which records them with its own."""

    entries: tuple[Entry, ...]


class Link(Value):
    """An entry in its place: position from 1, the hash before it, and its own."""

    chain: str
    position: int
    entry: Entry
    previous: Digest
    hash: Digest


def link(chain: str, position: int, entry: Entry, previous: Digest) -> Link:
    """Place *entry* at *position* of *chain*, after the link whose hash is *previous*."""
    sealed = digest_of(_written(chain, position, entry, previous))
    return Link(chain=chain, position=position, entry=entry, previous=previous, hash=sealed)


def written(found: Link) -> str:
    """The canonical JSON of *found* that its hash is of, and that is a leaf of the log's tree."""
    return _written(found.chain, found.position, found.entry, found.previous)


def _written(chain: str, position: int, entry: Entry, previous: Digest) -> str:
    return canonical(
        {
            "chain": chain,
            "position": position,
            "previous": previous,
            # Without defaults, so that a field added to Entry leaves the hashes of older entries.
            "entry": entry.model_dump(mode="json", exclude_defaults=True),
        }
    )


def broken(links: Iterable[Link], *, head: Digest | None = None) -> str | None:
    """Say where the chain *links* is not what it was, or None when every link holds.

    The links must be those of one chain, from position 1, in order: a missing, changed, added or
    moved entry breaks it. An entry cut from the end is only found against *head*, the hash of
    the newest link as somebody else knows it; and only such a head shows that a whole chain was
    not written anew.
    """
    previous, chain = GENESIS, None
    for expected, found in enumerate(links, start=1):
        if found.position != expected:
            return f"position {expected} is missing; {found.position} stands in its place"
        if chain not in {None, found.chain}:
            return f"position {expected} is of the chain {found.chain}, not of {chain}"
        if found.previous != previous:
            return f"position {expected} does not follow from the entry before it"
        if link(found.chain, expected, found.entry, previous).hash != found.hash:
            return f"position {expected} was changed after it was written"
        previous, chain = found.hash, found.chain
    if head not in {None, previous}:
        return f"the chain ends with {previous}, and its head is {head}"
    return None

"""Who read or exported the record: entries of a chain of its own."""

from collections.abc import Sequence

from pydantic import AwareDatetime

from workflows.domain.audit import Entry
from workflows.domain.values import Digest, Value

ACCESS = "access"
"""The chain of the audit record that reads and exports of it are written to."""


class Access(Value):
    """Who reads, and when they began; *session* is one for all pages that a command reads."""

    reader: str
    session: str
    at: AwareDatetime
    purpose: str = ""


def entry_of_read(access: Access, chain: str) -> Entry:
    """Once for a session and a chain, however many pages are read of it."""
    return Entry(
        key=f"read/{access.session}/{chain}",
        at=access.at,
        action="read_record",
        sentence=f"read the record of {chain}"[:300],
        outcome="done",
        detail=access.purpose[:500],
        actor=access.reader,
    )


def entry_of_export(access: Access, chains: Sequence[str], manifest: Digest) -> Entry:
    """Once for a session; *manifest* says what was given out."""
    told = f"{manifest}: {', '.join(chains)}"
    return Entry(
        key=f"export/{access.session}",
        at=access.at,
        action="export_record",
        sentence=f"exported the record of {len(chains)} chains",
        outcome="done",
        detail=told if len(told) <= 500 else f"{told[:497]}...",
        actor=access.reader,
    )

"""Writing a story's trail into the audit record."""

import asyncio
from contextlib import suppress

from workflows.domain.errors import ReleaseError
from workflows.ports.audit import AppendRecord, AuditPort
from workflows.steps.call import call
from workflows.steps.trail import Trail

_AT_ONCE = 100


async def write_record(release: str, trail: Trail) -> None:
    """Append what *trail* holds; entries that are already recorded are not recorded again.

    Raises:
        ReleaseError: the ledger did not take them within its limits.
    """
    while entries := trail.unwritten[:_AT_ONCE]:
        await call(AuditPort.append_record, AppendRecord(release=release, entries=entries))
        trail.written(entries)


async def try_write(release: str, trail: Trail) -> str | None:
    """Write where nothing depends on it any more; what is missing in the record, or None."""
    try:
        await write_record(release, trail)
    except ReleaseError as error:
        return f"record the last {len(trail.unwritten)} entries: {error.kind}: {error}"
    return None


class Recorder:
    """Writes a trail beside its story, where no step may wait for the ledger."""

    def __init__(self, release: str, trail: Trail) -> None:
        self._release = release
        self._trail = trail
        self._writing: asyncio.Future[None] | None = None

    def begin(self) -> None:
        """Start writing what the trail holds, unless that is under way."""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(write_record(self._release, self._trail))

    async def try_finish(self) -> str | None:
        """Write where nothing depends on it any more; what is missing in the record, or None."""
        try:
            await self.finish()
        except ReleaseError as error:
            return f"record the last {len(self._trail.unwritten)} entries: {error.kind}: {error}"
        return None

    async def finish(self) -> None:
        """Wait until everything is recorded.

        Raises:
            ReleaseError: the ledger did not take it within its limits.
        """
        if self._writing is not None:
            with suppress(ReleaseError):  # it is asked once more below
                await self._writing
        await write_record(self._release, self._trail)

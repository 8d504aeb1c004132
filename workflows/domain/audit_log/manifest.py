"""What an evidence pack says of itself: who exported it, when, and the digest of every file."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import AwareDatetime

from workflows.domain.audit_log.note import NoteUntrusted
from workflows.domain.values import Value

TITLE = "lockgate evidence pack 1"
"""The first line, so that the key's signature on a pack is never one on something else."""

_WRITTEN = re.compile(
    re.escape(TITLE) + r"\nat (?P<at>[0-9T:.-]+Z)\nby (?P<by>[^\n]{1,200})\n"
    r"(?P<files>(?:[0-9a-f]{64}  [a-z0-9./-]{1,200}\n)+)"
)


class Manifest(Value):
    """`files` maps each name to its SHA-256, in hexadecimal, as `sha256sum` writes it."""

    at: AwareDatetime
    by: str
    files: Mapping[str, str]

    @property
    def text(self) -> str:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self.files.items()))
        return f"{TITLE}\nat {at}\nby {self.by}\n{''.join(lines)}"


def read_manifest(text: str) -> Manifest:
    """The manifest that *text* is.

    Raises:
        NoteUntrusted: it is not written as a manifest is.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise NoteUntrusted("not a manifest: title, at, by, and a line for each file")
    lines = found["files"].removesuffix("\n").split("\n")
    try:
        at = datetime.fromisoformat(found["at"].removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError as error:
        raise NoteUntrusted(f"not a manifest: {error}") from None
    files = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    manifest = Manifest(at=at, by=found["by"], files=files)
    if manifest.text != text:
        raise NoteUntrusted("not a manifest as it is written: each file once, in order")
    return manifest

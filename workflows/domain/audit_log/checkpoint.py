"""What is signed and sealed: how many records there were at one moment, and the root over them."""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from workflows.domain.audit_log.note import NoteUntrusted, named
from workflows.domain.values import Value

_WRITTEN = re.compile(
    r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"time (?P<at>[0-9T:.-]+Z)\n"
)


class Checkpoint(Value):
    """The first *size* records of the log named *origin* have *root*; seen at *at*."""

    origin: Annotated[str, AfterValidator(named)]
    size: int = Field(ge=0)
    root: str = Field(pattern=r"^[0-9a-f]{64}$")
    at: AwareDatetime

    @property
    def text(self) -> str:
        """The body of a note: C2SP's checkpoint, with the time as its one line of extension."""
        written = base64.b64encode(bytes.fromhex(self.root)).decode()
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return f"{self.origin}\n{self.size}\n{written}\ntime {at}\n"

    def __str__(self) -> str:
        return f"the checkpoint of {self.size} records at {self.at:%Y-%m-%d %H:%M:%S} UTC"


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that *text* is the body of.

    Raises:
        NoteUntrusted: it is not written as a checkpoint is.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise NoteUntrusted("not a checkpoint: origin, size, root and time, a line each")
    try:
        checkpoint = Checkpoint(
            origin=found["origin"],
            size=int(found["size"]),
            root=base64.b64decode(found["root"], validate=True).hex(),
            at=datetime.fromisoformat(found["at"].removesuffix("Z")).replace(tzinfo=UTC),
        )
    except (ValueError, binascii.Error) as error:
        raise NoteUntrusted(f"not a checkpoint: {error}") from None
    if checkpoint.text != text:
        raise NoteUntrusted("not a checkpoint as it is written: one moment has one text")
    return checkpoint

"""What a place must promise in which checkpoints are kept."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol


class SealStore(Protocol):
    """Objects that are written once and can be neither changed nor removed before their time.

    Every method raises Unavailable while the store does not answer, TargetMissing where it knows
    no such place, and Refused where it says no.
    """

    @property
    def place(self) -> str:
        """Where it is, in words."""

    def keep(self, name: str, content: bytes, *, until: datetime) -> bytes:
        """Keep *content* under *name*, locked *until* then, and return what is kept there.

        That is what somebody put there first, where somebody did: the caller compares.

        Raises:
            Refused: the store took it and does not lock it.
        """

    def read(self, name: str) -> bytes | None:
        """What was first kept under *name*, whatever was put over it or marks it as deleted."""

    def names(self, beginning: str, *, after: str = "") -> Iterator[str]:
        """The names that begin so and come after *after*, in order, also of what is marked."""

    def locks(self) -> None:
        """Return where the store locks what it keeps.

        Raises:
            Refused: it does not.
        """

"""What a pager must be able to tell; one module beside this one per kind."""

from datetime import datetime
from typing import ClassVar, Protocol


class Pager(Protocol):
    """Wakes people, and remembers when."""

    type: ClassVar[str]

    def pages(self, service: str, *, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """When somebody was paged for *service* in [since, until], each page once.

        Raises:
            TargetMissing: it knows no such service, and says so.
            Refused: our access is not good enough, or it keeps no history.
            Unavailable: it does not answer.
        """
        ...

    def shift_began(self, schedule: str, *, at: datetime) -> datetime | None:
        """When those who are on call by *schedule* at *at* took over; None where nobody is.

        Raises:
            TargetMissing: it knows no such schedule.
            Refused: our access is not good enough, or it keeps no schedules.
            Unavailable: it does not answer.
        """
        ...

"""What a ruling goes by that no document says: read from the world at one moment, then kept."""

from pydantic import AwareDatetime

from workflows.domain.attestations.attestation import Attestation
from workflows.domain.calendar.windows import CalendarFacts
from workflows.domain.people.identity import Proven
from workflows.domain.readiness.reviews import Reviews
from workflows.domain.risk.facts import ChangeFacts, OnCallFacts, Standing
from workflows.domain.values import Value


class Facts(Value):
    """Everything that was read for one ruling. A fact that could not be read is absent.

    They travel with the ruling, so that it can be made again from what it went by.
    """

    at: AwareDatetime
    """When they were read; what is stale, or frozen, is so at this moment."""
    attestations: tuple[Attestation, ...] | None = None
    """The evidence about the builds; None where no policy asks for any."""
    foreseen: bool = False
    """Read before the start, when nobody has been asked to prove anything yet."""
    trigger: Proven | None = None
    """Who asked for the release, where a token proved it."""
    calendar: CalendarFacts | None = None
    """The freezes that are declared, and what calendars' feeds say."""
    change: ChangeFacts | None = None
    """The commits of the release, as the repositories tell them."""
    on_call: OnCallFacts | None = None
    """Those who would have to repair it."""
    standing: Standing | None = None
    """Earlier releases, and those under way, as the ledger tells them."""
    reviews: Reviews | None = None
    """Of the runbooks that the release names; None where they could not be read."""

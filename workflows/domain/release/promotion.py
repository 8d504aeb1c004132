"""What a release hands to one promotion, and to the rollback of all of them."""

from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import Granted
from workflows.domain.canary.harm import Harm, HarmBudget
from workflows.domain.canary.traffic import Traffic
from workflows.domain.release.commands import Command
from workflows.domain.release.flags import FlagState
from workflows.domain.release.plan import Promotion
from workflows.domain.release.undo import Undo
from workflows.domain.values import Digest, Value


class PromotionOrder(Value):
    """One promotion of *release*; *baseline* is what the target served before, if anything.

    *traffic* and *flags* are what the target had before; *spent* is what earlier promotions of
    the release have cost of its *budget*.
    """

    release: str
    promotion: Promotion
    baseline: Digest | None
    held: Command | None = None
    traffic: Traffic | None = None
    flags: tuple[FlagState, ...] = ()
    budget: HarmBudget | None = None
    spent: Harm = Harm()
    calendar: Timetable | None = None
    """What its windows go by; None where no calendar was read for the release."""
    overrides: tuple[Granted, ...] = ()


class CalendarNews(Value):
    """Something about time has changed; *overrides* is all that is set aside by now."""

    overrides: tuple[Granted, ...] = ()


class RollbackOrder(Value):
    """Put back what *undos* list, oldest first as they were listed; *reason* is for people."""

    release: str
    undos: tuple[Undo, ...]
    reason: str

"""What people and machines say to an environment; each is told who says it, and why."""

from datetime import timedelta

from workflows.domain.values import SentName, SentReason, Value


class Extend(Value):
    """Keep it so much longer; without *span*, for as long as its template lets an owner."""

    by: SentName
    reason: SentReason = ""
    span: timedelta | None = None


class SetHold(Value):
    """Let nothing tear it down until the hold is lifted: not its expiry, no sweep, no person."""

    by: SentName
    reason: SentReason


class LiftHold(Value):
    """Lift the hold; what had fallen due meanwhile happens now."""

    by: SentName
    reason: SentReason


class Teardown(Value):
    """Tear it down now; *protected* says that whoever asks knows that it is protected."""

    by: SentName
    reason: SentReason
    protected: bool = False


class Ended(Value):
    """What it was made for is over; with *release*, only that release's environment listens."""

    by: SentName
    reason: SentReason
    release: str | None = None

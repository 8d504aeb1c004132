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
    if_expired: bool = False
    """Only if its time is over as it knows it: it may have been extended meanwhile."""


class Retry(Value):
    """Try again at once to remove what is left."""

    by: SentName
    reason: SentReason = ""


class Ending(Value):
    """Why it is to go, and who says so: a person, a release, its lease, its own story."""

    by: str = ""
    reason: str
    asked: bool = False
    """Whether a person asked who knows that it is protected."""
    failed: bool = False
    """Whether it never came to be: nothing of it has been anybody's yet."""


class EnvironmentRefused(ValueError):
    """An environment does not do what it is told; the message says why, for whoever told it."""


class ExtensionRefused(EnvironmentRefused):
    """It is not kept longer: no extension is left, or it would get too old, or cost too much."""


class HoldRefused(EnvironmentRefused):
    """There is nothing that could be held, or no hold that could be lifted."""


class TeardownRefused(EnvironmentRefused):
    """A hold or its protection keeps it."""


class RetryRefused(EnvironmentRefused):
    """Nothing waits to be tried again."""

"""What people and machines tell a running release; every field has a default, so none is lost."""

from pydantic import AwareDatetime, model_validator

from workflows.domain.values import SentName, SentReason, Value


class Command(Value):
    """Hold, resume, promote, abort, roll back, retry or confirm: who says so, and why."""

    by: SentName = "unknown"
    reason: SentReason = ""

    @model_validator(mode="before")
    @classmethod
    def _as_typed(cls, said: object) -> object:
        """What people type into the Temporal UI, where no form asks for fields."""
        if isinstance(said, str):
            return {"reason": said}
        return {} if said is None else said

    def __str__(self) -> str:
        return f"by {self.by}: {self.reason}" if self.reason else f"by {self.by}"


class Alert(Value):
    """A firing alert that concerns this release; what it says is kept as evidence.

    `fingerprint` is its labels' as Alertmanager has it: with `starts_at` it tells one firing from
    the next.
    """

    name: str = "unnamed alert"
    summary: str = ""
    labels: dict[str, str] = {}
    fingerprint: str = ""
    starts_at: AwareDatetime | None = None
    generator_url: str = ""
    annotations: dict[str, str] = {}

    @property
    def evidence(self) -> str:
        """Everything that was told of it, as JSON."""
        return self.model_dump_json(exclude_defaults=True)

    def __str__(self) -> str:
        return f"alert {self.name}: {self.summary}" if self.summary else f"alert {self.name}"


UNSIGNED = Command()
"""A word without a name or a reason: a signal that was sent with its input left empty."""
UNNAMED = Alert()

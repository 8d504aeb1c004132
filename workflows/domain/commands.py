"""What people and machines tell a running release; every field has a default, so none is lost."""

from workflows.domain.values import Value


class Command(Value):
    """Hold, resume, promote, abort, roll back, retry or confirm: who says so, and why."""

    by: str = "unknown"
    reason: str = ""

    def __str__(self) -> str:
        return f"by {self.by}: {self.reason}" if self.reason else f"by {self.by}"


class Alert(Value):
    """A firing alert that concerns this release."""

    name: str = "unnamed alert"
    summary: str = ""
    labels: dict[str, str] = {}

    def __str__(self) -> str:
        return f"alert {self.name}: {self.summary}" if self.summary else f"alert {self.name}"

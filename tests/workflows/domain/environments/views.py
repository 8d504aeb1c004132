"""Views of environments, as tests of what is derived from them ask for them."""

from datetime import UTC, datetime
from typing import Any

from tests.environments import an_environment_order
from workflows.domain.environments.standing import first_view
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def a_view(**changes: Any) -> EnvironmentView:
    """One that was begun, and ready, at noon, for three days."""
    ready = {"phase": EnvironmentPhase.READY, "ready_at": NOON}
    first = first_view(an_environment_order(), run="a-run", now=NOON)
    return first.model_copy(update={**ready, **changes})

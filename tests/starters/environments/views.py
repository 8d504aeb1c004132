"""Views of environments, as tests of what is printed ask for them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.environments import an_environment_view
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.values import digest_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEGAN = NOW - timedelta(hours=10)


def a_view(name: str = "pr-7", **changes: Any) -> EnvironmentView:
    """One that is ready for ten hours of its three days, and costs 3 cents an hour."""
    told = {
        "digest": digest_of("text"),
        "created_at": BEGAN,
        "ready_at": BEGAN,
        "expires_at": BEGAN + timedelta(days=3),
        "expires_at_most": BEGAN + timedelta(days=14),
        "extensions_left": 2,
        "extend_by": timedelta(days=2),
        "currency": "EUR",
        "per_hour": Decimal("0.03"),
        "resources": 2,
        "outputs": {"Bucket": "uploads"},
        **changes,
    }
    return an_environment_view(name, **told)

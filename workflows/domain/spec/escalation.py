"""Whom a wait is escalated to, and how long somebody has before the next is asked."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from workflows.domain.durations import Duration
from workflows.domain.values import Name, SpecPart

LEVELS = 10
"""More levels than any organisation has people to ask."""

Span = Annotated[Duration, Field(ge=timedelta(seconds=1))]
"""A span that a durable timer can keep."""


class EscalateTo(SpecPart):
    """Who is asked next: everybody of a role, or one person."""

    role: Name | None = None
    """A role, as the catalog's `Person` documents name it."""
    person: Name | None = None
    """A `Person` of the catalog."""
    after: Span
    """How long after the one before was asked; of the first, after the wait began."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.role is None) == (self.person is None):
            raise ValueError("give either role or person")
        return self


Levels = Annotated[tuple[EscalateTo, ...], Field(max_length=LEVELS)]
"""In the order in which they are asked."""

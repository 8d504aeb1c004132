"""How the requests of one session stay on one version while traffic is shifted."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import model_validator

from workflows.domain.values import Value


class Affinity(Value):
    """What a session is known by, so that the router can send all of it to one version.

    By `header` or `cookie`, a request that carries *name* is sent where its value hashes to: a
    growing share keeps whom it has, and a request without *name* is split at random. The service
    sets the cookie, or its clients the header. By `router`, the router sets a cookie of its own,
    which *lasts* so long; a growing share then reaches new sessions only.
    """

    by: Literal["header", "cookie", "router"]
    name: str | None = None
    lasts: timedelta | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        named, timed = self.name is not None, self.lasts is not None
        if self.by == "router" and (named or not timed):
            raise ValueError("by router: needs `lasts`, and no `name`: the cookie is the router's")
        if self.by != "router" and (timed or not named):
            raise ValueError(f"by {self.by}: needs the `name` of the {self.by}, and no `lasts`")
        return self

    def __str__(self) -> str:
        if self.by == "router":
            return f"sessions kept by the router's cookie for {self.lasts}"
        return f"sessions kept by {self.by} {self.name}"

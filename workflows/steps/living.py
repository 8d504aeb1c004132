"""The environments that live, as their own stories tell of them."""

from collections.abc import Iterable
from datetime import datetime

from workflows.domain.environments.view import EnvironmentView
from workflows.ports.environment_stories import (
    EnvironmentStoriesPort,
    FindEnvironments,
    ReadEnvironments,
)
from workflows.steps.call import call

Living = dict[str, EnvironmentView | None]
"""Each that lives, by name, in brief; None where one could not be asked: it may live."""


async def living(names: Iterable[str]) -> Living:
    """Those of *names* that live.

    Raises:
        Unavailable: Temporal does not answer, so nobody knows of any.
    """
    ask = ReadEnvironments(names=tuple(names), brief=True)
    return (await call(EnvironmentStoriesPort.read_environments, ask)).environments


async def page_of_living(
    page: str, *, limit: int, expired_before: datetime | None = None
) -> tuple[Living, str]:
    """One *page* of all that live, and where to go on; empty where that was the last.

    With *expired_before*, only of those whose time was over by then.

    Raises:
        Unavailable: see `living`.
    """
    ask = FindEnvironments(limit=limit, expired_before=expired_before, page=page)
    found = await call(EnvironmentStoriesPort.find_environments, ask)
    return await living(found.names) if found.names else {}, found.page

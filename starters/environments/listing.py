"""Environments as Temporal's search knows them: no worker is asked, and it is a moment late."""

import re
from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue
from temporalio.client import WorkflowExecution, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey

from starters.board import brief
from starters.environments.stories import name_of
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import nearest
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.names import Attribute

HEADINGS = ("environment", "phase", "team", "owner", "ends")
_VALUE = re.compile(r"[A-Za-z0-9._@+-]+")
_RUNNING = WorkflowExecutionStatus.RUNNING


def conditions(
    *, team: str | None, owner: str | None, phase: str | None, ended: bool
) -> tuple[str, ...]:
    """What Temporal's search is asked for.

    Raises:
        CommandFailed: no such phase, or a value that cannot be a name (USAGE).
    """
    wanted = {
        Attribute.TEAM: team,
        Attribute.REQUESTED_BY: owner,
        Attribute.PHASE: _known_phase(phase),
    }
    return (*_equal(wanted), *(() if ended else ("ExecutionStatus = 'Running'",)))


def by_end(one: WorkflowExecution) -> tuple[bool, datetime]:
    """The order in which they are listed: what ends first comes first."""
    expiry = _expiry(one)
    return expiry is None, expiry or one.start_time


def row(one: WorkflowExecution, now: datetime) -> tuple[str, ...]:
    """Its line, under `HEADINGS`."""
    return (
        name_of(one.id),
        _phase(one),
        _word(one, Attribute.TEAM),
        _word(one, Attribute.REQUESTED_BY),
        _ends(one, now),
    )


def as_json(one: WorkflowExecution) -> JsonValue:
    """The same for programs."""
    expiry = _expiry(one)
    return {
        "environment": name_of(one.id),
        "phase": _phase(one),
        "open": one.status is _RUNNING,
        "team": _word(one, Attribute.TEAM),
        "owner": _word(one, Attribute.REQUESTED_BY),
        "expiresAt": None if expiry is None else expiry.isoformat(),
        "endedAt": one.close_time.isoformat() if one.close_time else None,
    }


def team_of(one: WorkflowExecution) -> str:
    return _word(one, Attribute.TEAM)


def _equal(wanted: dict[Attribute, str | None]) -> Iterator[str]:
    for attribute, value in wanted.items():
        if value is None:
            continue
        if not _VALUE.fullmatch(value):
            raise CommandFailed(
                f"{value!r} cannot be a name: letters, digits, . _ @ + -", ExitCode.USAGE
            )
        yield f"{attribute} = '{value}'"


def _known_phase(phase: str | None) -> str | None:
    if phase is None:
        return None
    by_lower = {str(known).lower(): str(known) for known in EnvironmentPhase}
    if phase.lower() not in by_lower:
        hint = nearest(phase, by_lower.values())
        raise CommandFailed(f"--phase {phase}: no such phase: {hint}", ExitCode.USAGE)
    return by_lower[phase.lower()]


def _ends(one: WorkflowExecution, now: datetime) -> str:
    """When it ends; what is kept although it is to go has no time for that."""
    expiry = _expiry(one)
    if expiry is None or one.status is not _RUNNING:
        return ""
    return "held" if _word(one, Attribute.PHASE) == EnvironmentPhase.HELD else away(expiry, now)


def away(expiry: datetime, now: datetime) -> str:
    """How far off an end is, or how long ago it was."""
    return f"in {brief(expiry - now)}" if expiry > now else f"{brief(now - expiry)} ago"


def _phase(one: WorkflowExecution) -> str:
    """The phase it last showed; one that did not end by itself says how it ended."""
    shown = _word(one, Attribute.PHASE)
    if one.status is None or one.status in {_RUNNING, WorkflowExecutionStatus.COMPLETED}:
        return shown
    return f"{shown} ({one.status.name.lower()})"


def _word(one: WorkflowExecution, attribute: Attribute) -> str:
    return one.typed_search_attributes.get(SearchAttributeKey.for_keyword(attribute)) or ""


def _expiry(one: WorkflowExecution) -> datetime | None:
    return one.typed_search_attributes.get(SearchAttributeKey.for_datetime(Attribute.EXPIRY))

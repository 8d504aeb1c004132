"""One command's conversation with Temporal: connect, do it, and word what went wrong."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from infra.temporal import TemporalUnreachable, connect
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers

T = TypeVar("T")

_GONE = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}


def converse(work: Callable[[Client], Awaitable[T]]) -> T:
    """Connect as Temporal's configuration says, and do *work*.

    Raises:
        CommandFailed: Temporal does not answer or refuses; the text says what to do.
    """
    return stay(_connected(work))


def stay(work: Coroutine[Any, Any, T]) -> T:
    """Do *work*, which connects by itself; raises as `converse` does."""
    return asyncio.run(_worded(work))


async def _worded(work: Awaitable[T]) -> T:
    try:
        return await work
    except TemporalUnreachable as error:
        raise NobodyAnswers(str(error)) from error
    except RPCError as error:
        raise worded(error) from error


async def _connected(work: Callable[[Client], Awaitable[T]]) -> T:
    return await work(await connect())


def worded(error: RPCError) -> CommandFailed:
    """What the server's answer means to the person at the keyboard."""
    if error.status in _GONE:
        return NobodyAnswers(
            f"Temporal does not answer ({error.message}); a release under way continues: try again"
        )
    where = os.environ.get("TEMPORAL_NAMESPACE", "the configured namespace")
    if error.status in {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED}:
        return CommandFailed(
            f"Temporal refuses this client in {where}: {error.message}; "
            "check the API key or certificate of the profile",
            ExitCode.ERROR,
        )
    if error.status is RPCStatusCode.NOT_FOUND and "already completed" in error.message:
        return CommandFailed(
            "it has ended, and takes no word any more: `lockgate status` says how", ExitCode.USAGE
        )
    return CommandFailed(
        f"Temporal refuses: {error.message}; `lockgate doctor` looks for the cause"
    )

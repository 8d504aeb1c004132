"""Finding the readiness reviews of a release, and saying go or no-go in one."""

import asyncio
from datetime import timedelta

from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from starters.asking import asked
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from starters.releases import ANSWER_WITHIN, name_of, read, unanswered
from workflows.domain.gates.vote import Vote
from workflows.domain.names import readiness_id
from workflows.domain.readiness.readiness import ReadinessView
from workflows.domain.values import Digest
from workflows.ports.reviews import ReadDossier, ReviewsPort, SealedDossier
from workflows.readiness import ReadinessWorkflow

_WITHIN = timedelta(seconds=15)


async def review_of(client: Client, release: str, environment: str | None = None) -> ReadinessView:
    """The newest review of *release*, or that of *environment*.

    Raises:
        CommandFailed: none was opened (USAGE).
        NobodyAnswers: no worker answers for it.
    """
    status = await read(client, release)
    stages = tuple(dict.fromkeys(view.target.environment for view in status.targets))
    for stage in reversed(stages) if environment is None else (environment,):
        view = await _asked(client, readiness_id(release, stage))
        if view is not None:
            return view
    where = f" for {environment}" if environment else ""
    raise CommandFailed(
        f"{name_of(release)} has no readiness review{where}: it opens once the release waits to "
        "enter an environment whose policy has a `readinessReview`",
        ExitCode.USAGE,
    )


async def say(client: Client, view: ReadinessView, word: Vote) -> ReadinessView:
    """Say *word* in the review of *view*, and what the review makes of it.

    Raises:
        CommandFailed: the word does not count, with the reason (DENIED), or the review is over.
        NobodyAnswers: no worker took the word in time.
    """
    handle = client.get_workflow_handle_for(
        ReadinessWorkflow.run, readiness_id(view.release, view.environment)
    )
    try:
        async with asyncio.timeout(_WITHIN.total_seconds()):
            return await handle.execute_update(ReadinessWorkflow.say, word)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        why = cause.message if isinstance(cause, ApplicationError) else str(cause)
        raise CommandFailed(f"the word does not count: {why}", ExitCode.DENIED) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise NobodyAnswers(
            f"no worker took the word within {_WITHIN.total_seconds():.0f} s: look with "
            f"`lockgate readiness show {view.name}` whether it was counted, and say it again if "
            "not"
        ) from error
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise CommandFailed(
            f"the readiness review of {view.name} for {view.environment} is over: nobody waits "
            "for a word any more",
            ExitCode.DENIED,
        ) from error


async def dossier_of(client: Client, digest: Digest) -> SealedDossier:
    """The dossier as it was sealed.

    Raises:
        NobodyAnswers: no worker reads the ledger.
    """
    return await asked(client, ReviewsPort.read_dossier, ReadDossier(digest=digest), about=digest)


async def _asked(client: Client, review: str) -> ReadinessView | None:
    handle = client.get_workflow_handle_for(ReadinessWorkflow.run, review)
    try:
        return await handle.query(ReadinessWorkflow.status, rpc_timeout=ANSWER_WITHIN)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise unanswered(error) from error
    except WorkflowQueryFailedError as error:
        raise unanswered(error) from error

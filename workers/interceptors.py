"""What happens around every activity: log context in, ReleaseErrors out."""

from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from workflows.domain.errors import ReleaseError


class _AroundActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        workflow_id = info.workflow_id or ""
        with structlog.contextvars.bound_contextvars(
            release=release_of(workflow_id),
            workflow=workflow_id,
            activity=info.activity_type,
            attempt=info.attempt,
        ):
            try:
                return await super().execute_activity(input)
            except ReleaseError as error:
                raise ApplicationError(
                    str(error), type=error.kind, non_retryable=not error.retryable
                ) from error


class AroundActivities(Interceptor):
    """Binds release, workflow, activity and attempt to logs; names errors for the wire.

    A ReleaseError crosses as an ApplicationError of its kind, so that a story catches the very
    class that was raised. Any other exception is a bug and passes as it is.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _AroundActivity(next)


def release_of(workflow_id: str) -> str:
    """The release that a workflow belongs to: promotions and rollbacks carry its id in theirs."""
    if not workflow_id.startswith("release/"):
        return workflow_id
    return "/".join(workflow_id.split("/")[:3])

"""The sandbox every workflow runs in, for workers, replays and tests alike."""

import dataclasses

from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from workers.unversioned import Unversioned

# Messages and rules keep one identity in and out of the sandbox, and are not imported anew for
# each run; stories and steps are, so that a clock or a random number in them is caught. What is
# passed through is held to the same rules by ruff's banned-api.
_PURE = (
    "workflows.domain",
    "workflows.ports",
    "workers.unversioned",
    "pydantic_core",
    "annotated_types",
    "typing_inspection",
)


def runner(*, versioned: bool = False) -> SandboxedWorkflowRunner:
    """Warns when a story imports something that is neither pure nor a story itself.

    A story may say how it moves between versions of the worker; where the worker has none, the
    server would refuse it for that.
    """
    return SandboxedWorkflowRunner(
        runner_class=UnsandboxedWorkflowRunner if versioned else Unversioned,
        restrictions=dataclasses.replace(
            SandboxRestrictions.default.with_passthrough_modules(*_PURE),
            import_notification_policy=(
                SandboxImportNotificationPolicy.WARN_ON_UNINTENTIONAL_PASSTHROUGH
                | SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
            ),
        ),
    )

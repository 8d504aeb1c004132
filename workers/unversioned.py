"""Running stories on a worker without versions, as tests and benchmarks do."""

import dataclasses

from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
)


class Unversioned(UnsandboxedWorkflowRunner):
    """Leaves out what a story says of versions: the server refuses it from such a worker."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        plain = dataclasses.replace(det.defn, versioning_behavior=None)
        return super().create_instance(dataclasses.replace(det, defn=plain))

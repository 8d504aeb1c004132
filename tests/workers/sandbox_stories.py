"""Stories for the sandbox's own test; a file of theirs, because each run imports it anew."""

import datetime as dt

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.domain.values import Target


@workflow.defn
class ReadsTheClock:
    @workflow.run
    async def run(self) -> str:
        return str(dt.datetime.now(tz=dt.UTC))


@workflow.defn
class SpeaksInValues:
    @workflow.run
    async def run(self, target: Target) -> Target:
        if not isinstance(target, Target):
            raise TypeError("another Target")
        return target


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class GoesToNewVersions:
    @workflow.run
    async def run(self) -> str:
        return "done"

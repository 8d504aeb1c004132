"""One build into one environment: copy, install, shift, watch, verify."""

import asyncio

from temporalio import workflow

from workflows.domain.canary.watch import Watched
from workflows.domain.errors import ReleaseError
from workflows.domain.names import WATCHED
from workflows.domain.release.commands import UNSIGNED, Command
from workflows.domain.release.promotion import CalendarNews, PromotionOrder
from workflows.domain.release.status import Progress, TargetView
from workflows.ports.artifacts import ArtifactsPort, PromoteArtifact
from workflows.ports.databases import CheckData, DatabasesPort
from workflows.ports.deploy import DeployPort, InstallVersion, VerifyRunning
from workflows.ports.traffic import ShiftTraffic, TrafficPort
from workflows.steps.ascent import Ascent
from workflows.steps.beside import beside
from workflows.steps.call import call
from workflows.steps.companions import (
    begin_silences,
    hold_silences,
    repeat_journeys,
    watch_health,
)
from workflows.steps.flags import set_last_phases
from workflows.steps.frozen import InFlightCalendar
from workflows.steps.held import while_held
from workflows.steps.ladder import Ladder
from workflows.steps.shield import to_completion
from workflows.steps.steering import Steering
from workflows.steps.tale import PromotionTale


@workflow.defn
class PromotionWorkflow:
    """Copy the build, run it beside the old one, climb to all of the traffic, and verify.

    It only goes forward: its release listed how to undo it before it began, and turns back for
    it when it fails, is cancelled, or is terminated.
    """

    @workflow.init
    def __init__(self, order: PromotionOrder) -> None:
        self._order = order
        self._steering = Steering(held=order.held)
        self._tale = PromotionTale(order)
        self._calendar = InFlightCalendar(order.calendar, order.overrides)

    @workflow.run
    async def run(self, order: PromotionOrder) -> TargetView:
        """Promote; the view as it stands at the end.

        Raises:
            ReleaseError: why the promotion cannot go on.
        """
        try:
            await self._calendar.allows(self._tale)
            await self._copy()
            await self._install()
            await self._shift()
            await self._verify()
            await self._end(Progress.PROMOTED, "promoted")
            await self._tale.recorded()
        except (ReleaseError, asyncio.CancelledError) as error:
            await to_completion(self._give_up(str(error) or "cancelled"))
            raise
        # What a watch told last is still being passed on: an end now would cut it off.
        await to_completion(workflow.wait_condition(workflow.all_handlers_finished))
        return self._tale.view

    async def _copy(self) -> None:
        promotion = self._order.promotion
        await self._tale.tell(progress=Progress.INSTALLING, doing="copy the build by digest")
        await call(
            ArtifactsPort.promote_artifact,
            PromoteArtifact(
                artifact=promotion.artifact,
                source=promotion.source,
                destination=promotion.systems.artifacts,
            ),
            trail=self._tale.trail,
        )

    async def _install(self) -> None:
        promotion = self._order.promotion
        await call(
            DeployPort.install_version,
            InstallVersion(
                target=promotion.target,
                platform=promotion.systems.platform,
                artifact=promotion.artifact,
                store=promotion.systems.artifacts,
                release=self._order.release,
            ),
            trail=self._tale.trail,
        )

    async def _shift(self) -> None:
        """Climb the ladder; where nothing is served yet there is nothing to compare with."""
        promotion = self._order.promotion
        if self._order.baseline is not None:
            ascent = Ascent(self._order, self._order.baseline, self._steering, self._tale)
            await begin_silences(ascent)
            await beside(
                Ladder(ascent, self._calendar).climb(),
                self._calendar.kept(self._tale),
                watch_health(ascent),
                hold_silences(ascent),
                repeat_journeys(ascent),
            )
            return
        await while_held(self._steering, self._tale)
        await self._calendar.allows(self._tale)
        await self._tale.tell(
            progress=Progress.SHIFTING, doing="first version: all traffic", blocked_by=()
        )
        route = await call(
            TrafficPort.shift_traffic,
            ShiftTraffic(
                target=promotion.target,
                router=promotion.systems.router,
                stable=promotion.artifact.digest,
                canary=None,
                percent=0,
                release=self._order.release,
            ),
            trail=self._tale.trail,
        )
        await self._tale.tell(route=route, weight=100)
        await set_last_phases(self._order, self._tale.trail)

    async def _verify(self) -> None:
        """What runs is what was promoted, and the data is as the service's checks demand."""
        promotion = self._order.promotion
        await self._tale.tell(progress=Progress.VERIFYING, doing="compare running with promoted")
        await call(
            DeployPort.verify_running,
            VerifyRunning(
                target=promotion.target,
                platform=promotion.systems.platform,
                artifact=promotion.artifact,
            ),
            trail=self._tale.trail,
        )
        if promotion.data_checks and promotion.systems.database is not None:
            await call(
                DatabasesPort.check_data,
                CheckData(
                    target=promotion.target,
                    database=promotion.systems.database,
                    rules=promotion.data_checks,
                    release=self._order.release,
                ),
                trail=self._tale.trail,
            )

    async def _end(self, progress: Progress, doing: str) -> None:
        await self._tale.tell(
            progress=progress, doing=doing, blocked_by=(), ended_at=workflow.now()
        )

    async def _give_up(self, why: str) -> None:
        await self._end(Progress.FAILED, why)
        await self._tale.hand_over()
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.signal
    def hold(self, command: Command = UNSIGNED) -> None:
        self._steering.held = command

    @workflow.signal
    def resume(self, command: Command = UNSIGNED) -> None:
        self._steering.held = None

    @workflow.signal
    def promote(self, command: Command = UNSIGNED) -> None:
        self._steering.held = None
        self._steering.go_on = command

    @workflow.signal
    def calendar_changed(self, news: CalendarNews = CalendarNews()) -> None:  # noqa: B008 - frozen
        """Ask the calendar anew: a freeze was declared or lifted, or a window set aside."""
        self._calendar.changed(set_aside=bool(news.overrides))

    @workflow.signal(name=WATCHED)
    async def canary_watched(self, seen: Watched) -> None:
        """What the watch over the canary has seen, from the activity that watches."""
        self._tale.watched(seen)
        await self._tale.tell()

    @workflow.query
    def status(self) -> TargetView:
        return self._tale.view

"""An environment: made, kept for its lease, warned of, extended or held, and taken down."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.domain.environments.commands import (
    Ended,
    Ending,
    Extend,
    ExtensionRefused,
    LiftHold,
    Retry,
    SetHold,
    Teardown,
)
from workflows.domain.environments.drift import Drift
from workflows.domain.environments.due import due, kept_by, standing
from workflows.domain.environments.lease import (
    MOMENT,
    extended,
    is_over,
    lives,
    wakes_at,
    warnings_due,
)
from workflows.domain.environments.notices import ends_soon, not_removed, torn_down
from workflows.domain.environments.order import EnvironmentOrder, Resumed
from workflows.domain.environments.standing import (
    expect_held,
    expect_holdable,
    expect_incomplete,
    expect_removable,
    first_view,
)
from workflows.domain.environments.view import (
    EnvironmentPhase,
    EnvironmentView,
    Extension,
    Hold,
    Warned,
)
from workflows.domain.errors import ReleaseError
from workflows.steps.beside import beside
from workflows.steps.environment_tale import EnvironmentTale
from workflows.steps.held import rest
from workflows.steps.making import Making
from workflows.steps.owner_notices import OwnerNotices
from workflows.steps.release_signals import ReleaseSignals
from workflows.steps.shield import dropped, hearing
from workflows.steps.tagging import Tagging
from workflows.steps.teardown import EnvironmentTeardown

_QUIET = timedelta(seconds=1)
_AT_THE_LATEST = 20_000
"""Events; the server ends a story that has some 50 000 of them."""


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class EnvironmentWorkflow:
    """One living environment; its story stays open for as long as anything of it exists.

    Whatever is said to it, by a person, a schedule or a cancel, is a word that it heeds in its
    own time: no word tears a creation or a teardown apart. It goes on as a new run before its
    history grows too long, and hands on all that it knows.
    """

    @workflow.init
    def __init__(self, order: EnvironmentOrder) -> None:
        run, now, resumed = workflow.info().run_id, workflow.now(), order.resumed
        view = resumed.view if resumed is not None else first_view(order, run=run, now=now)
        entries = resumed.unrecorded if resumed is not None else ()
        self._order = order
        self._tale = EnvironmentTale(view.model_copy(update={"run": run}), entries)
        self._ending = resumed.ending if resumed is not None else None
        self._making = Making(order, self._tale)
        self._tagging = Tagging(order, self._tale)
        self._notices = OwnerNotices(order, self._tale)
        self._teardown = EnvironmentTeardown(order.plan.provider, order.plan.teardown, self._tale)
        self._spoken_to = False

    @workflow.run
    async def run(self, order: EnvironmentOrder) -> EnvironmentView:
        """Make it, keep it until its time is over or somebody ends it, and see all of it go."""
        self._tale.begin()
        if order.requested_by and order.resumed is None:
            self._note_request(order)
        return await hearing(self._story(), self._heard_cancel)

    def _note_request(self, order: EnvironmentOrder) -> None:
        sentence = f"{order.name} from {order.plan.blueprint.template}, owned by {order.owner}"
        self._tale.note(
            "request", sentence, outcome="asked", detail=order.purpose, actor=order.requested_by
        )

    async def _story(self) -> EnvironmentView:
        await beside(
            self._life(),
            self._notices.keep_up(),
            ReleaseSignals(self._order, self._tale).keep_up(),
        )
        await self._tale.close()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._view

    async def _life(self) -> None:
        await self._come_to_be()
        await beside(self._live(), self._tagging.keep_up())
        await self._go()
        await self._notices.settled()

    async def _come_to_be(self) -> None:
        """Make it, unless somebody ends it meanwhile; what fails is why it goes again."""
        if self._view.phase is not EnvironmentPhase.CREATING:
            return
        making = asyncio.ensure_future(self._making.make())
        await workflow.wait_condition(lambda: making.done() or self._ending is not None)
        if not making.done():
            await dropped(making)
            return
        try:
            await making
        except ReleaseError as error:
            self._ending = Ending(by="its story", reason=f"{error.kind}: {error}", failed=True)
            self._tale.note("create", "it was not made", outcome=error.kind, detail=str(error))

    async def _live(self) -> None:
        """One timer at a time, to the next warning or its end, until it may go."""
        while not self._may_go:
            self._spoken_to = False
            self._warn()
            self._stand()
            await self._go_on_elsewhere()
            await self._until_something_happens()
        self._stand()

    async def _until_something_happens(self) -> None:
        now = workflow.now()
        at = wakes_at(self._order.plan.lease, self._view, now)
        if at is None:
            await workflow.wait_condition(self._has_to_act)
            return
        what = "ends" if at == self._view.expires_at else "is about to end: its owner is warned"
        await rest(at - now, f"{self._view.name} {what}", unless=self._has_to_act)

    def _has_to_act(self) -> bool:
        suggested = workflow.info().is_continue_as_new_suggested()
        return self._spoken_to or self._may_go or suggested

    async def _go(self) -> None:
        """Take it down, and end only once nothing is left."""
        ending = self._ending = self._due or Ending(by="its story", reason="nothing keeps it")
        self._tale.show(reason=ending.reason, doing="")
        if self._making.begun:
            await self._teardown.until_nothing_is_left(ending, resting=self._rest_incomplete)
        self._tale.show(
            phase=EnvironmentPhase.FAILED if ending.failed else EnvironmentPhase.REMOVED
        )
        if self._view.ready_at is not None and self._view.removal is not None:
            self._notices.tell(torn_down(self._view, self._view.removal))

    async def _rest_incomplete(self) -> None:
        if self._view.removal is not None:
            self._notices.tell(not_removed(self._view, self._view.removal))
        await self._go_on_elsewhere()

    async def _go_on_elsewhere(self) -> None:
        """Begin a new run with all that is known, before the history grows too long.

        In a quiet moment, if there is one in time: an update that arrives while a run ends is
        answered with an error, and whoever sent it has to send it again.
        """
        if not workflow.info().is_continue_as_new_suggested():
            return
        self._spoken_to = False
        await rest(_QUIET, "a quiet moment to begin a new run", unless=lambda: self._spoken_to)
        if self._spoken_to and workflow.info().get_current_history_length() < _AT_THE_LATEST:
            return
        await workflow.wait_condition(workflow.all_handlers_finished)
        resumed = Resumed(
            view=self._view,
            ending=self._ending,
            unrecorded=self._tale.unrecorded,
            tags_due=self._tagging.behind,
            hold_tagged=self._tagging.hold_tagged,
            notices=self._notices.pending,
            newest_notice=self._notices.newest,
        )
        workflow.continue_as_new(self._order.model_copy(update={"resumed": resumed}))

    def _warn(self) -> None:
        """Warn its owner; what fell due at once is one warning."""
        now = workflow.now()
        lead_times = warnings_due(self._order.plan.lease, self._view, now)
        if not lead_times or self._due is not None:
            return
        notice = ends_soon(self._order, self._view, before=lead_times[0], now=now)
        given = tuple(Warned(before=before, at=now, notice=notice.key) for before in lead_times)
        self._tale.show(warned=(*self._view.warned, *given))
        ends = f"{self._view.name} ends at {self._view.expires_at:{MOMENT}}"
        self._tale.note("warn", ends, outcome="warned", detail=f"to {self._view.owner}")
        self._notices.tell(notice)

    def _stand(self) -> None:
        """Say where it stands, which is nothing but what follows from all that was said."""
        if lives(self._view):
            phase, reason = standing(self._view, self._due, self._keeper)
            self._tale.show(phase=phase, reason=reason)

    @property
    def _view(self) -> EnvironmentView:
        return self._tale.view

    @property
    def _due(self) -> Ending | None:
        """Why it is to go; None while it may stay."""
        return due(self._view, self._ending, now=workflow.now())

    @property
    def _may_go(self) -> bool:
        return self._due is not None and self._keeper is None

    @property
    def _keeper(self) -> str | None:
        """What keeps it although it is to go."""
        return kept_by(self._view, self._due, hold_tagged=self._tagging.hold_tagged)

    def _end(self, ending: Ending) -> None:
        if self._ending is None or (ending.asked and lives(self._view)):
            self._ending = ending
        self._moved()

    def _moved(self) -> EnvironmentView:
        """Something was said that may change what comes next."""
        self._spoken_to = True
        self._stand()
        return self._view

    def _heard_cancel(self) -> None:
        self._tale.note("cancel", "cancelled in Temporal", outcome="told")
        self._end(Ending(by="a cancel", reason="it was cancelled in Temporal"))

    @workflow.update
    def extend(self, said: Extend) -> EnvironmentView:
        """Keep it longer, within what its template lets its owner."""
        return self._extend(said)

    @extend.validator
    def _check_extend(self, said: Extend) -> None:
        self._until(said)

    def _extend(self, said: Extend) -> EnvironmentView:
        view, until = self._view, self._until(said)
        span = said.span if said.span is not None else view.extend_by
        extension = Extension(by=said.by, span=span, reason=said.reason[:300], at=workflow.now())
        self._tale.show(
            expires_at=until,
            warned=(),
            extensions=(*view.extensions, extension),
            extensions_left=view.extensions_left - 1,
        )
        self._tale.note(
            "extend", f"until {until:{MOMENT}}", outcome="done", detail=said.reason, actor=said.by
        )
        return self._moved()

    def _until(self, said: Extend) -> datetime:
        if self._ending is not None:
            raise ExtensionRefused(f"{self._view.name} is to go: {self._ending.reason}")
        return extended(self._order.plan, self._view, said, now=workflow.now())

    @workflow.signal
    def extend_lease(self, said: Extend) -> None:
        """The same for whoever cannot wait for an answer; a refusal is in the record."""
        try:
            self._extend(said)
        except ExtensionRefused as refusal:
            self._tale.note(
                "extend", "an extension", outcome="refused", detail=str(refusal), actor=said.by
            )
            self._moved()

    @workflow.update
    def hold(self, said: SetHold) -> EnvironmentView:
        """Let nothing tear it down before the hold is lifted."""
        held = Hold(by=said.by, reason=said.reason, since=workflow.now())
        self._tale.show(hold=held)
        self._tale.note("hold", "held", outcome="done", detail=said.reason, actor=said.by)
        return self._moved()

    @hold.validator
    def _check_hold(self, said: SetHold) -> None:
        expect_holdable(self._view)

    @workflow.update
    def lift_hold(self, said: LiftHold) -> EnvironmentView:
        """Lift the hold; what fell due meanwhile happens now."""
        self._tale.show(hold=None)
        self._tale.note("hold", "lifted", outcome="done", detail=said.reason, actor=said.by)
        return self._moved()

    @lift_hold.validator
    def _check_lift_hold(self, said: LiftHold) -> None:
        expect_held(self._view)

    @workflow.update
    def teardown(self, said: Teardown) -> EnvironmentView:
        """Begin to take it down, or try again at once where that is under way."""
        self._tale.note(
            "teardown", "asked to go", outcome="told", detail=said.reason, actor=said.by
        )
        self._teardown.retry()
        self._end(Ending(by=said.by, reason=said.reason, asked=True))
        return self._view

    @teardown.validator
    def _check_teardown(self, said: Teardown) -> None:
        expect_removable(self._view, said)

    @workflow.update
    def retry(self, said: Retry) -> EnvironmentView:
        """Try again at once to remove what is left."""
        self._tale.note("retry", "try again", outcome="told", detail=said.reason, actor=said.by)
        self._teardown.retry()
        return self._moved()

    @retry.validator
    def _check_retry(self, said: Retry) -> None:
        expect_incomplete(self._view)

    @workflow.signal
    def end(self, said: Ended) -> None:
        """What it was made for is over; a hold or its protection may keep it all the same."""
        other = said.release is not None and said.release != self._order.release
        early = said.if_expired and not is_over(self._view, workflow.now())
        outcome = "not meant" if other or early else "told"
        self._tale.note(
            "end", "its end is asked for", outcome=outcome, detail=said.reason, actor=said.by
        )
        if outcome == "told":
            self._end(Ending(by=said.by, reason=said.reason))

    @workflow.signal
    def drift_found(self, drift: Drift) -> None:
        """It was compared with its template; that changes nothing but what is told of it."""
        if drift.found:
            self._tale.note("drift", str(drift), outcome="found")
        self._tale.show(drift=drift.bounded(), drift_at=workflow.now())
        self._moved()

    @workflow.query
    def status(self) -> EnvironmentView:
        return self._view

    @workflow.query
    def order(self) -> EnvironmentOrder:
        """What was asked for, as it was asked for."""
        return self._order.model_copy(update={"resumed": None})

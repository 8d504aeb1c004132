"""The environments that a release has made for its stages: begun, waited for, and given back."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError

from workflows.domain.environments.binding import is_made_for
from workflows.domain.environments.lease import is_ending, lives
from workflows.domain.environments.order import EnvironmentOrder, EnvironmentPlan
from workflows.domain.environments.planning import contact_in
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import Refused, Stopped, Unavailable
from workflows.domain.names import environment_id
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.phase import Phase
from workflows.domain.release.plan import Stage
from workflows.domain.release.status import Blocker
from workflows.environment import EnvironmentWorkflow
from workflows.ports.environment_stories import (
    EndEnvironment,
    EnvironmentStoriesPort,
)
from workflows.steps.call import try_call
from workflows.steps.held import rest
from workflows.steps.living import living
from workflows.steps.progress import ReleaseProgress
from workflows.steps.saga import Saga
from workflows.steps.shield import raise_if_cancelled, to_completion
from workflows.steps.steering import Steering
from workflows.steps.trail import Trail
from workflows.steps.undoing import list_environment

FIRST_ASKED = timedelta(minutes=1)
"""An environment tells by itself where it stands; it is also asked, each time after twice …"""
SELDOM = timedelta(minutes=10)
"""… as long, up to this: a message that was lost must keep no release waiting for ever."""

_Story = workflow.ChildWorkflowHandle[EnvironmentWorkflow, EnvironmentView]


class BoundEnvironments:
    """Has the environment of each stage that is created from a template, until the release ends.

    What environments tell of themselves comes as a signal, and anybody may send one: that one has
    ended is believed, that one is ready is asked of itself.
    """

    def __init__(
        self, release: str, *, saga: Saga, trail: Trail, steering: Steering, show: ReleaseProgress
    ) -> None:
        self._release = release
        self._saga = saga
        self._trail = trail
        self._steering = steering
        self._show = show
        self._ends: dict[str, EndEnvironment] = {}
        self._told: dict[str, EnvironmentView] = {}
        self._over: dict[str, str] = {}
        self._ready: set[str] = set()
        self._news: set[str] = set()
        self._followed: list[asyncio.Future[None]] = []
        self._used = ""

    def __contains__(self, environment: str) -> bool:
        """Whether it is one that was begun for this release."""
        return environment in self._ends

    def progressed(self, view: EnvironmentView) -> None:
        """Take note of what an environment says of itself; one that is lost turns back."""
        if view.name not in self._ends or view.release != self._release:
            return
        self._told[view.name] = view
        if is_ending(view):
            self._is_over(view.name, view.reason or f"it is {view.phase}")
        elif lives(view):
            self._news.add(view.name)
        self._show.made(view.name, view.phase, view.reason)

    async def begun(self, stage: Stage, order: ReleaseOrder) -> bool:
        """Begin the environment of *stage*; False where another has taken its name meanwhile.

        Its end is listed before, and it outlives this release: whatever comes, it is asked to end
        by whoever undoes the rest, or ends when its own time is over.
        """
        if (plan := stage.created_from) is None:
            return True
        name = stage.environment
        self._list(stage)
        try:
            # Neither begun nor not begun is what a cancel must not leave behind.
            story = await to_completion(self._begin(name, plan, order))
        except WorkflowAlreadyStartedError:
            return await self._is_ours(name, plan)
        self._note(name, plan, outcome="begun")
        self._followed.append(asyncio.ensure_future(self._follow(name, story)))
        raise_if_cancelled()
        return True

    async def ready(self, stage: Stage) -> None:
        """Wait until the environment of *stage* can be promoted into.

        Raises:
            Refused: it cannot: it could not be made, or has ended already.
        """
        if (plan := stage.created_from) is None:
            return
        name, pause = stage.environment, FIRST_ASKED
        while name not in self._ready:
            self._show_wait(name, plan)
            await rest(
                pause, f"until environment {name} is ready", unless=lambda: name in self._news
            )
            pause = min(2 * pause, SELDOM)
            await self._ask(name, plan)
        self._show.show(blocked_by=())
        self._note(name, plan, outcome="ready")
        self._used = name

    def left(self) -> None:
        """The stage is over: from now on its environment may go without turning back for it."""
        self._used = ""

    async def give_back(self) -> tuple[str, ...]:
        """Have all of them torn down, the last one first; those that could not be asked, why."""
        asks = list(reversed(self._ends.values()))
        method = EnvironmentStoriesPort.end_environment
        problems = [await try_call(method, ask, trail=self._trail) for ask in asks]
        return tuple(problem for problem in problems if problem is not None)

    def _list(self, stage: Stage) -> None:
        """Once for each: a stage that has to be cleared anew ends its environment no oftener."""
        if stage.environment in self._ends:
            return
        ask = EndEnvironment(
            environment=stage.environment,
            reason="the release that it was made for has ended",
            by=self._release,
            release=self._release,
        )
        self._ends[stage.environment] = ask
        list_environment(self._saga, stage, ask)

    async def _begin(self, name: str, plan: EnvironmentPlan, order: ReleaseOrder) -> _Story:
        return await workflow.start_child_workflow(
            EnvironmentWorkflow.run,
            EnvironmentOrder(
                name=name,
                plan=plan,
                owner=order.requested_by,
                contact=contact_in(order.catalog, order.requested_by),
                purpose=f"release {order.name}",
                requested_by=self._release,
                release=self._release,
            ),
            id=environment_id(name),
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
            static_summary=f"{name} for {order.name}",
        )

    async def _follow(self, name: str, story: _Story) -> None:
        """Its end costs no question: it is an event of this release's own history."""
        try:
            view = await story
        except ChildWorkflowError as error:
            self._is_over(name, f"its story was ended: {error.cause}")
        else:
            self.progressed(view)

    def _is_over(self, name: str, reason: str) -> None:
        self._over.setdefault(name, reason)
        self._news.add(name)
        if self._used == name:
            self._steering.halt(Stopped(f"environment {name} was lost: {reason}"))

    async def _ask(self, name: str, plan: EnvironmentPlan) -> None:
        """Ask whether it is ready, since it, its end or the time says that there is news.

        Raises:
            Refused: it never will be.
        """
        self._news.discard(name)
        if (reason := self._over.get(name)) is not None:
            raise Refused(f"environment {name} cannot be had: {reason}")
        if (view := await self._asked(name)) is None:
            return
        self._told[name] = view
        self._show.made(name, view.phase, view.reason)
        if not is_made_for(view, self._release, plan=plan.digest):
            raise Refused(f"environment {name} is {view.phase}: {view.reason or view.purpose}")
        if lives(view):
            self._ready.add(name)

    async def _asked(self, name: str) -> EnvironmentView | None:
        """What it says itself; None where it does not answer now.

        Raises:
            Refused: no such environment lives.
        """
        try:
            found = await living((name,))
        except Unavailable as error:
            workflow.logger.warning("environment_not_read", extra={"problem": str(error)})
            return None
        if name not in found:
            raise Refused(f"environment {name} is gone, and did not say why")
        return found[name]

    async def _is_ours(self, name: str, plan: EnvironmentPlan) -> bool:
        """Whether an earlier run of this release has begun it: then it is gone on with."""
        try:
            view = await self._asked(name)
        except Refused:
            return False
        self._news.add(name)
        return view is not None and is_made_for(view, self._release, plan=plan.digest)

    def _show_wait(self, name: str, plan: EnvironmentPlan) -> None:
        view = self._told.get(name)
        doing = f": {view.doing}" if view is not None and view.doing else ""
        template = plan.blueprint.template
        blocker = Blocker(
            gate=f"environment {name}", reason=f"it is being created from {template}{doing}"
        )
        self._show.show(phase=Phase.PROGRESSING, blocked_by=(blocker,))

    def _note(self, name: str, plan: EnvironmentPlan, *, outcome: str) -> None:
        sentence = f"create {name} from {plan.blueprint.template}"
        self._trail.note("environment", sentence, outcome=outcome, detail=plan.digest)

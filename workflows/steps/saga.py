"""Undoing what a release has done, newest first, and saying what could not be undone."""

from collections.abc import Callable, Collection
from datetime import timedelta

from temporalio import workflow

from workflows.domain.canary.recovery import Recovery, RecoveryWord
from workflows.domain.errors import ReleaseError
from workflows.domain.release.undo import Undo, Undone
from workflows.domain.traffic.route import Route
from workflows.domain.values import Target
from workflows.ports import alerts, deploy, environment_stories, flags, metrics, traffic
from workflows.ports.base import Port, ask_type
from workflows.steps.call import AskT, PortT, call
from workflows.steps.trail import Trail

# An undo that was listed by another story names its method; these are the ports it may be of.
_KNOWN = (
    alerts.AlertsPort,
    deploy.DeployPort,
    environment_stories.EnvironmentStoriesPort,
    flags.FlagsPort,
    metrics.MetricsPort,
    traffic.TrafficPort,
)

# What an undo of the same subject relies on, and may have changed until it is tried again.
_CHECKS = frozenset({deploy.DeployPort.ensure_healthy.__name__})

_ENDS_ENVIRONMENT = environment_stories.EnvironmentStoriesPort.end_environment.__name__
_GONE_WITH_IT = "it went with its environment"


class Saga:
    """The undo list of one release: data, so that it can be printed, queried and handed over."""

    def __init__(self, undos: tuple[Undo, ...] = ()) -> None:
        self._undos = list(undos)

    @property
    def undos(self) -> tuple[Undo, ...]:
        """What is listed, oldest first."""
        return tuple(self._undos)

    @property
    def touched(self) -> bool:
        """Whether anything is listed beside environments that were made for the release alone."""
        return any(undo.method != _ENDS_ENVIRONMENT for undo in self._undos)

    def undo_with(
        self,
        method: Callable[[PortT, AskT], object],
        ask: AskT,
        *,
        subject: Target | str,
        waits_for: tuple[str, ...] = (),
    ) -> None:
        """List *ask* as the undo of a step that is about to be attempted.

        The undo is listed before the step runs: a step that fails halfway may still have acted.
        So every undo must be safe to run when its step did nothing. It is not tried while one of
        a subject that it *waits_for* fails.
        """
        self._undos.append(
            Undo(
                subject=str(subject),
                method=method.__name__,
                ask=ask.model_dump(mode="json", by_alias=True),
                sentence=str(ask),
                waits_for=waits_for,
            )
        )

    def undo_last(
        self, method: Callable[[PortT, AskT], object], ask: AskT, *, subject: str
    ) -> None:
        """List *ask* to run when all else is undone; it waits for no undo of another subject."""
        self._undos.insert(
            0,
            Undo(
                subject=subject,
                method=method.__name__,
                ask=ask.model_dump(mode="json", by_alias=True),
                sentence=str(ask),
            ),
        )

    def accept(self) -> None:
        """A person answers for what failed: only what waited for it is still to be done."""
        self._undos = [undo for undo in self._undos if undo.waits_for]

    async def compensate(self, trail: Trail, *, gone: Collection[str] = ()) -> tuple[Undone, ...]:
        """Run the undos, newest first, and keep listed what failed.

        A failed undo never stops those of other targets. Older undos of the same target wait for
        it, and are named as failed with it: removing a version that may still be served would
        turn a rollback that is incomplete into an outage. A check that was passed before the
        failure stays listed with it, since it says nothing about the next attempt. Of subjects
        that are *gone*, nothing is left to put back.
        """
        outcomes: list[Undone] = []
        stuck: dict[str, str] = {}
        for undo in reversed(self._undos):
            relied_on = (undo.subject, *undo.waits_for)
            if undo.subject in gone:
                done = Undone(undo=undo, told=_GONE_WITH_IT)
            elif first := next((stuck[each] for each in relied_on if each in stuck), None):
                why = f"not tried, because this failed: {first}"
                done = Undone(undo=undo, failure=why)
            else:
                done = await _attempt(undo, trail)
            if done.failure is not None:
                stuck.setdefault(undo.subject, undo.sentence)
            outcomes.append(done.model_copy(update={"at": workflow.now()}))
        self._undos = [
            done.undo
            for done in reversed(outcomes)
            if done.failure is not None
            or (done.undo.method in _CHECKS and done.undo.subject in stuck)
        ]
        return tuple(outcomes)


async def _attempt(undo: Undo, trail: Trail) -> Undone:
    """Run one undo, and say what came of it."""
    method = Port.methods[undo.method]
    try:
        answer = await call(method, ask_type(method).model_validate(undo.ask), trail=trail)
    except ReleaseError as error:
        return Undone(undo=undo, failure=f"{error.kind}: {error}")
    if isinstance(answer, Route) and answer.settles_after > timedelta(0):
        await workflow.sleep(answer.settles_after, summary=f"until all clients know: {undo}")
    told = str(answer) if isinstance(answer, Recovery) else ""
    return Undone(undo=undo, told=told, remark=_remark(answer))


def _remark(answer: object) -> str:
    """What an undo that did all it could leaves unknown, or to end by itself."""
    match answer:
        case Recovery(word=RecoveryWord.UNVERIFIED):
            return str(answer)
        case alerts.LiftedSilences(left=left):
            return left
        case deploy.Health(known=False, reason=reason):
            return f"not known: {reason}"
    return ""

"""What a rollback need not put back: it went with the environment that it was in."""

from workflows.domain.environments.lease import is_ending
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import ReleaseError
from workflows.ports.environment_stories import (
    EndEnvironment,
    EnvironmentStoriesPort,
)
from workflows.steps.living import living
from workflows.steps.saga import Saga

_ENDS = EnvironmentStoriesPort.end_environment.__name__


async def gone(saga: Saga) -> frozenset[str]:
    """The subjects of *saga* whose environments live no more, or not for this release any more.

    An environment may end before its release turns back, when its time is over: then nothing in
    it serves, runs or answers, and what bears its name may be another release's by now. One that
    cannot be asked counts as there: what is undone in it fails, and a person decides.
    """
    ends = {
        EndEnvironment.model_validate(undo.ask): undo.waits_for
        for undo in saga.undos
        if undo.method == _ENDS
    }
    if not ends:
        return frozenset()
    try:
        found = await living(sorted({end.environment for end in ends}))
    except ReleaseError:
        return frozenset()
    return frozenset(
        subject
        for end, subjects in ends.items()
        if end.environment not in found or _lost(found[end.environment], end)
        for subject in subjects
    )


def _lost(view: EnvironmentView | None, end: EndEnvironment) -> bool:
    return view is not None and (view.release != end.release or is_ending(view))

"""Moving feature flags in step with a climb, and noticing when somebody else does."""

from workflows.domain.errors import Refused, ReleaseError
from workflows.domain.flags import FlagChange, FlagState, drift
from workflows.domain.plan import Promotion
from workflows.domain.values import Digest
from workflows.ports.flags import FlagsPort, ObserveFlag, RestoreFlag, SetFlag
from workflows.steps.ascent import Ascent
from workflows.steps.call import call
from workflows.steps.fanout import every
from workflows.steps.saga import Saga


async def flags_of(promotion: Promotion) -> tuple[FlagState, ...]:
    """Every flag that the promotion will move, as it is before."""
    provider = promotion.systems.flags
    if provider is None:
        return ()
    asks = (
        ObserveFlag(target=promotion.target, provider=provider, key=key) for key in promotion.flags
    )
    return tuple(await every(call(FlagsPort.observe_flag, ask) for ask in asks))


def list_flags(
    saga: Saga,
    promotion: Promotion,
    before: tuple[FlagState, ...],
    *,
    baseline: Digest | None,
    release: str,
) -> None:
    """Undo the flags, each by itself: they go back before the code does, and never keep it."""
    if (provider := promotion.systems.flags) is None:
        return
    new = promotion.artifact.digest
    for state in before:
        saga.undo_with(
            FlagsPort.restore_flag,
            RestoreFlag(
                target=promotion.target,
                provider=provider,
                before=state,
                versions=(new,) if baseline is None else (new, baseline),
                release=release,
            ),
            subject=f"flag {state.key} of {promotion.target}",
        )


async def set_flag(ascent: Ascent, change: FlagChange) -> None:
    """Move a flag on from what this release last saw of it.

    Raises:
        Diverged: somebody else changed it meanwhile; it is left so.
    """
    provider, expected = ascent.promotion.systems.flags, ascent.flags.get(change.key)
    if provider is None or expected is None:
        raise Refused(f"{ascent.target}: nothing holds flag {change.key}")
    ascent.flags[change.key] = await call(
        FlagsPort.set_flag,
        SetFlag(
            target=ascent.target,
            provider=provider,
            change=change,
            expected=expected,
            canary=ascent.canary,
            baseline=ascent.baseline,
            release=ascent.order.release,
        ),
        trail=ascent.tale.trail,
    )


async def note_drift(ascent: Ascent) -> None:
    """At the end of a climb: tell of every flag that is not as this release left it."""
    for expected in ascent.flags.values():
        if (told := await _drifted(ascent, expected)) is not None:
            ascent.tale.trail.note("drift", f"flag {expected.key}", outcome="drift", detail=told)
            await ascent.tale.tell(drift=(*ascent.tale.view.drift, told))


async def _drifted(ascent: Ascent, expected: FlagState) -> str | None:
    if (provider := ascent.promotion.systems.flags) is None:
        return None
    ask = ObserveFlag(target=ascent.target, provider=provider, key=expected.key)
    try:
        return drift(expected, await call(FlagsPort.observe_flag, ask))
    except ReleaseError as error:
        return f"flag {expected.key} could not be read at the end: {error.kind}: {error}"

"""Moving feature flags in step with a climb, and noticing when somebody else does."""

from workflows.domain.errors import Refused, ReleaseError
from workflows.domain.release.flags import FlagChange, FlagState, drift
from workflows.domain.release.plan import Promotion
from workflows.domain.release.promotion import PromotionOrder
from workflows.domain.values import Digest
from workflows.ports.flags import FlagsPort, ObserveFlag, RestoreFlag, SetFlag
from workflows.steps.ascent import Ascent
from workflows.steps.call import call
from workflows.steps.fanout import every
from workflows.steps.saga import Saga
from workflows.steps.trail import Trail


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
    expected = ascent.flags.get(change.key)
    ascent.flags[change.key] = await _moved(ascent.order, change, expected, ascent.tale.trail)


async def set_last_phases(order: PromotionOrder, trail: Trail) -> None:
    """Where no ladder is climbed: each flag at once as the last of its steps would leave it.

    Raises:
        Diverged: somebody else changed one meanwhile; it is left so.
    """
    before = {state.key: state for state in order.flags}
    flags = (step.flag for step in order.promotion.steps if step.flag is not None)
    for key, change in {flag.key: flag for flag in flags}.items():
        await _moved(order, change, before.get(key), trail)


async def _moved(
    order: PromotionOrder, change: FlagChange, expected: FlagState | None, trail: Trail
) -> FlagState:
    promotion, provider = order.promotion, order.promotion.systems.flags
    if provider is None or expected is None:
        raise Refused(f"{promotion.target}: nothing holds flag {change.key}")
    return await call(
        FlagsPort.set_flag,
        SetFlag(
            target=promotion.target,
            provider=provider,
            change=change,
            expected=expected,
            canary=promotion.artifact.digest,
            baseline=order.baseline,
            release=order.release,
        ),
        trail=trail,
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

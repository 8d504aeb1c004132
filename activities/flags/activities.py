"""FlagsPort, for whatever holds the flags of each environment."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import structlog
from temporalio import activity

from activities.flags.provider import Evaluator, FlagProvider
from workflows.domain.errors import Diverged, Unavailable
from workflows.domain.release.flags import FlagState, drift
from workflows.domain.values import Digest, Provider, Target, arm_name
from workflows.ports.flags import FlagsPort, ObserveFlag, RestoreFlag, SetFlag

log = structlog.get_logger(__name__)

_LOOK_AGAIN_SECONDS = 0.1


class FlagsActivities(FlagsPort):
    """Sets a flag, then believes only what its provider and its evaluator say."""

    def __init__(
        self,
        provider_for: Callable[[Provider], FlagProvider],
        *,
        evaluators: Mapping[Provider, Evaluator] | None = None,
        evaluated_within: timedelta = timedelta(seconds=10),
        beat: Callable[[], object] = activity.heartbeat,
    ) -> None:
        """*evaluators* answer for the flags of some providers, and take a change with a delay."""
        self._provider_for = provider_for
        self._evaluators = dict(evaluators or {})
        self._evaluated_within = evaluated_within
        self._beat = beat

    def observe_flag(self, ask: ObserveFlag) -> FlagState:
        return self._provider_for(ask.provider).read(ask.key)

    def set_flag(self, ask: SetFlag) -> FlagState:
        provider = self._provider_for(ask.provider)
        found = provider.read(ask.change.key)
        arm = arm_name(ask.target.service, ask.canary)
        wanted = ask.change.applied_to(ask.expected, canary=arm, release=ask.release)
        if not found.is_as(wanted):
            if told := drift(ask.expected, found):
                raise Diverged(f"{ask.provider} of {ask.target}: {told}; it is left as it is")
            if found.definition != wanted.definition:
                found = self._write(provider, ask.target, wanted, instead_of=found)
        versions = (ask.canary, *([ask.baseline] if ask.baseline else []))
        self._confirm(ask.provider, ask.target, found, versions)
        return found

    def restore_flag(self, ask: RestoreFlag) -> FlagState:
        provider, before = self._provider_for(ask.provider), ask.before
        found = provider.read(before.key)
        if found.set_by == ask.release and not found.is_as(before):
            found = self._write(provider, ask.target, before, instead_of=found)
        elif found.definition != before.definition:
            raise Diverged(
                f"{ask.provider} of {ask.target}: {drift(before, found)}; it is not taken back; "
                f"set it to what it was before the release, {before}, or confirm that it stays"
            )
        self._confirm(ask.provider, ask.target, found, ask.versions)
        return found

    def _write(
        self, provider: FlagProvider, target: Target, wanted: FlagState, *, instead_of: FlagState
    ) -> FlagState:
        provider.write(wanted, instead_of=instead_of, beat=self._beat)
        log.info(
            "flag_set",
            target=str(target),
            flag=wanted.key,
            variant=wanted.variant,
            rule=wanted.targeting_digest,
        )
        found = provider.read(wanted.key)
        if not found.is_as(wanted):
            raise Diverged(f"{target}: the flag was set to {wanted}, but it reads {found}")
        return found

    def _confirm(
        self, named: Provider, target: Target, state: FlagState, versions: Iterable[Digest]
    ) -> None:
        """Ask as each of *versions* would, until every one gets the variant it should.

        Where a rule of somebody else decides, or the flag is disabled, nothing can be foretold.
        """
        evaluator = self._evaluators.get(named)
        if evaluator is None:
            return
        deadline = time.monotonic() + self._evaluated_within.total_seconds()
        for arm in (arm_name(target.service, digest) for digest in versions):
            wanted = state.served_to(arm)
            context = {"targetingKey": arm, "version": arm}
            while wanted is not None and (
                (found := evaluator.variant(state.key, context)) != wanted
            ):
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"{target}: {state} should give {arm} the variant {wanted}, but evaluated "
                        f"it gives {found or 'none'} after {self._evaluated_within}; does the "
                        f"evaluator read {named}?"
                    )
                self._beat()
                time.sleep(_LOOK_AGAIN_SECONDS)

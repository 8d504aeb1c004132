"""The rules of FlagsActivities over flags held in memory."""

import threading
from collections.abc import Callable
from typing import TypeVar

from activities.flags.activities import FlagsActivities
from workflows.domain.canonical import content_digest
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import FlagState, drift
from workflows.domain.values import Provider, Target
from workflows.ports.flags import ObserveFlag, RestoreFlag, SetFlag

AskT = TypeVar("AskT", ObserveFlag, RestoreFlag, SetFlag)

ON_AND_OFF = {"on": True, "off": False}


def a_flag(key: str, variant: str | None = "off", **more) -> FlagState:
    """A flag with the variants on and off, which nobody has signed."""
    return FlagState(key=key, variant=variant, variants=content_digest(ON_AND_OFF), **more)


class FakeFlagProvider:
    """Holds every flag as off, unless *keys* lists those it knows; all have on and off."""

    def __init__(self, keys: set[str] | None = None) -> None:
        self.flags: dict[str, FlagState] = {}
        self.keys = keys
        self.written: list[FlagState] = []
        self._turn = threading.Lock()

    def read(self, key: str) -> FlagState:
        if self.keys is not None and key not in self.keys:
            raise TargetMissing(f"no flag {key!r}; it holds {', '.join(sorted(self.keys))}")
        return self.flags.setdefault(key, a_flag(key))

    def write(
        self, wanted: FlagState, *, instead_of: FlagState, beat: Callable[[], object]
    ) -> None:
        with self._turn:
            self._replace(wanted, instead_of)

    def _replace(self, wanted: FlagState, instead_of: FlagState) -> None:
        if told := drift(instead_of, self.read(wanted.key)):
            raise Diverged(told)
        given = {wanted.variant}
        if wanted.targeting is not None and "if" in wanted.targeting:
            given.update(wanted.targeting["if"][1:])
        if wanted.set_by is not None and (missing := given - {None, *ON_AND_OFF}):
            raise TargetMissing(f"{wanted.key} has no variant {missing}; it has on, off")
        self.flags[wanted.key] = wanted
        self.written.append(wanted)


class FakeFlags(FlagsActivities):
    """One in-memory provider each; `stuck` and `unavailable` make changes fail.

    A flag whose key is in `stuck` refuses to be changed, for good; the next `unavailable` asks
    fail as if the provider did not answer; `asks` lists what was asked, in order.
    """

    def __init__(self) -> None:
        super().__init__(self.provider, beat=lambda: None)
        self.providers: dict[Provider, FakeFlagProvider] = {}
        self.stuck: set[str] = set()
        self.unavailable = 0
        self.asks: list[ObserveFlag | RestoreFlag | SetFlag] = []

    def provider(self, provider: Provider) -> FakeFlagProvider:
        return self.providers.setdefault(provider, FakeFlagProvider())

    def flag(self, target: Target, key: str) -> FlagState:
        """What the flag is in the provider whose connection is the target's environment."""
        for provider, held in self.providers.items():
            if provider.connection == target.environment:
                return held.read(key)
        return a_flag(key)

    def put(self, target: Target, state: FlagState, *, type: str = "fake") -> None:
        """Make the flag *state*, whoever may have set it."""
        provider = Provider(type=type, connection=target.environment)
        self.provider(provider).flags[state.key] = state

    def observe_flag(self, ask: ObserveFlag) -> FlagState:
        return self._answer(ask, super().observe_flag)

    def set_flag(self, ask: SetFlag) -> FlagState:
        self._refuse_if_stuck(ask.change.key)
        return self._answer(ask, super().set_flag)

    def restore_flag(self, ask: RestoreFlag) -> FlagState:
        self._refuse_if_stuck(ask.before.key)
        return self._answer(ask, super().restore_flag)

    def _refuse_if_stuck(self, key: str) -> None:
        if key in self.stuck:
            raise Refused(f"the provider refuses every change of {key}")

    def _answer(self, ask: AskT, rule: Callable[[AskT], FlagState]) -> FlagState:
        self.asks.append(ask)
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable("the flag provider does not answer")
        return rule(ask)

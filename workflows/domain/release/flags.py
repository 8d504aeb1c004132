"""Feature flags beside the steps of a release: what each may be, in which order, and back."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Annotated, Final

from pydantic import Field, JsonValue

from workflows.domain.canonical import content_digest
from workflows.domain.values import Digest, Name, Provider, SpecPart, Value

CANARY_ONLY: Final = "canary-only"
"""Not a variant but a state: one variant for the canary's version, another for everybody else."""

BEFORE: Final = "as before"
"""What a flag is until the release has set it."""

FlagKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Variant = Annotated[str, Field(min_length=1, max_length=64)]


class FlagSpec(SpecPart):
    """A feature flag that the release moves, and what it is in each of its phases.

    A phase is one of the flag's variants, for everybody; or `canary-only`: `onVariant` for the
    canary's version, which says `version: <service>-<first 12 digits of its digest>` in its
    evaluation context, and `offVariant` for everybody else.
    """

    key: FlagKey
    """The flag, as its provider calls it."""
    phases: dict[Name, Variant] = Field(min_length=1, max_length=20)
    """What the flag is in each phase that steps come to; quoted."""
    on_variant: Variant = "on"
    """The variant that `canary-only` gives to the canary's version."""
    off_variant: Variant = "off"
    """The variant that `canary-only` gives to everybody else."""


class SetFlagStep(SpecPart):
    """Move a flag of the release into one of its phases.

    For services whose release does not name the flag there is nothing to do.
    """

    key: FlagKey
    """A flag that a service of the release names."""
    phase: Name
    """One of its phases."""


class FlagState(Value):
    """A flag as its provider holds it: who gets which variant, and which release set it.

    `variant` is for all whom no rule of `targeting` (flagd's JsonLogic) sends elsewhere;
    `variants` is the content address of what each variant means; `version` the provider's own
    name for the whole of its definitions. `set_by` is the release that set the flag, and None
    where a person did, or changed it since.
    """

    key: str
    enabled: bool = True
    variant: str | None = None
    targeting: dict[str, JsonValue] | None = None
    variants: Digest
    version: str = ""
    set_by: str | None = None

    @property
    def definition(self) -> Digest:
        """What decides who gets what; anybody's change of the flag changes it."""
        return content_digest([self.enabled, self.variant, self.targeting, self.variants])

    @property
    def targeting_digest(self) -> Digest | None:
        return None if self.targeting is None else content_digest(self.targeting)

    def is_as(self, other: "FlagState") -> bool:
        """Whether it is the same state, set by the same release or by none."""
        return self.definition == other.definition and self.set_by == other.set_by

    def served_to(self, arm: str) -> str | None:
        """The variant that the version *arm* gets; None where a rule of somebody else decides."""
        if not self.enabled:
            return None
        if self.targeting is None:
            return self.variant
        match list(self.targeting.items()):
            case [("if", [{"===": [{"var": "version"}, named]}, str(then), str(otherwise)])]:
                return then if named == arm else otherwise
        return None

    def __str__(self) -> str:
        by = f", set by {self.set_by}" if self.set_by else ""
        if not self.enabled:
            return f"{self.key} disabled{by}"
        rule = self.targeting_digest
        ruled = f" with rule {rule.removeprefix('sha256:')[:12]}" if rule else ""
        return f"{self.key}={self.variant}{ruled}{by}"


class FlagChange(Value):
    """A flag in one phase: the variant of everybody, and of the canary where it differs."""

    key: str
    phase: str
    word: str
    everyone: str
    canary: str | None = None

    def applied_to(self, state: FlagState, *, canary: str, release: str) -> FlagState:
        """*state* as this change wants it; *canary* is the arm name of the release's version.

        A rule that the flag had is dropped: it would decide otherwise for some. The undo puts
        it back.
        """
        rule: dict[str, JsonValue] | None = None
        if self.canary is not None:
            is_canary: JsonValue = {"===": [{"var": "version"}, canary]}
            rule = {"if": [is_canary, self.canary, self.everyone]}
        wanted = {"enabled": True, "variant": self.everyone, "targeting": rule}
        return state.model_copy(update={**wanted, "set_by": release})

    def __str__(self) -> str:
        return f"{self.key}={self.word}"


class FlagLadder(Value):
    """The flag steps of one environment's strategy, and what holds the flags there."""

    environment: str
    strategy: str
    provider: Provider | None
    steps: tuple[SetFlagStep, ...]


def change_of(flags: Sequence[FlagSpec], step: SetFlagStep) -> FlagChange | None:
    """What *step* does for a service that names *flags*; None: not its flag, nothing to do."""
    spec = next((flag for flag in flags if flag.key == step.key), None)
    if spec is None:
        return None
    word = spec.phases[step.phase]
    for_canary = word == CANARY_ONLY
    return FlagChange(
        key=spec.key,
        phase=step.phase,
        word=word,
        everyone=spec.off_variant if for_canary else word,
        canary=spec.on_variant if for_canary else None,
    )


def drift(expected: FlagState, found: FlagState) -> str | None:
    """What somebody else did to a flag since the release last saw or set it, in a sentence."""
    if found.is_as(expected):
        return None
    who = found.set_by or "somebody, not a release,"
    what = "" if found.variants == expected.variants else " and what its variants mean"
    return f"{who} changed the flag{what}: expected {expected}; found {found}"


def matrix(changes: Sequence[FlagChange]) -> tuple[dict[str, str], ...]:
    """What each flag is on the way up: before the first change, then after each of them."""
    rows = [dict.fromkeys((change.key for change in changes), BEFORE)]
    for change in changes:
        rows.append({**rows[-1], change.key: change.word})
    return tuple(rows)


def unwind(changes: Sequence[FlagChange]) -> tuple[dict[str, str], ...]:
    """What each flag is on the way back from *changes*, each back at once to what it was before.

    The flag that was moved last for the first time goes first. All are back in the last row, and
    only then does code go back.
    """
    rows = [matrix(changes)[-1]]
    for key in reversed(rows[0]):
        rows.append({**rows[-1], key: BEFORE})
    return tuple(rows)


def problems(flags: Mapping[str, Sequence[FlagSpec]], ladders: Sequence[FlagLadder]) -> list[str]:
    """What of *flags*, by service, and of the steps that move them does not fit together."""
    known: dict[str, FlagSpec] = {}
    found: list[str] = []
    for service, specs in flags.items():
        for spec in specs:
            if spec.key in known:
                found.append(
                    f"services.{service}.flags: {spec.key!r} is named twice; one service moves it"
                )
            known[spec.key] = spec
    moved = {step.key for ladder in ladders for step in ladder.steps}
    found += [
        f"flags: no strategy of this release sets {key!r}: add a setFlag step, or leave it out"
        for key in known
        if key not in moved
    ]
    for ladder in ladders:
        found += _of_ladder(ladder, known)
    for key in known:
        found += _out_of_order(ladders, key)
    return found


def _of_ladder(ladder: FlagLadder, known: Mapping[str, FlagSpec]) -> Iterator[str]:
    where = _where(ladder)
    if ladder.steps and ladder.provider is None:
        yield (
            f"{where} sets flags, but Environment {ladder.environment!r} says under `flags` of "
            "no provider that holds them"
        )
    for step in ladder.steps:
        if step.key not in known:
            listed = ", ".join(known) or "none at all"
            yield f"{where} sets flag {step.key!r}; the release names {listed}"
        elif step.phase not in known[step.key].phases:
            listed = ", ".join(known[step.key].phases)
            yield f"{where} sets {step.key!r} to phase {step.phase!r}; its phases are {listed}"


def _out_of_order(ladders: Sequence[FlagLadder], key: str) -> Iterator[str]:
    """A phase that comes again, and phases that come in one order here and in another there.

    The release cannot say the order itself: its phases are a mapping, which has none.
    """
    first: dict[tuple[str, str], FlagLadder] = {}
    for ladder in ladders:
        reached = [step.phase for step in ladder.steps if step.key == key]
        if again := sorted({phase for phase in reached if reached.count(phase) > 1}):
            yield f"{_where(ladder)} sets {key!r} to phase {', '.join(again)} more than once"
            continue
        for earlier, later in combinations(reached, 2):
            first.setdefault((earlier, later), ladder)
            if (other := first.get((later, earlier))) is not None:
                yield (
                    f"{_where(ladder)} sets {key!r} to {later!r} after {earlier!r}; "
                    f"{_where(other)} does it the other way round"
                )


def _where(ladder: FlagLadder) -> str:
    return f"environments.{ladder.environment}: Strategy {ladder.strategy!r}"

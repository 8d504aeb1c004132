"""The status object: what a release is doing, in the same words for people and machines."""

from datetime import datetime
from enum import StrEnum

from pydantic import computed_field

from workflows.domain.canary.harm import Harm
from workflows.domain.canary.verdict import MetricVerdict, Verdict, Word
from workflows.domain.canary.watch import Cause
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.gates.vote import Vote
from workflows.domain.people.identity import Assurance
from workflows.domain.release.phase import Phase
from workflows.domain.release.undo import Undone
from workflows.domain.spec.gates import WINDOW
from workflows.domain.traffic.route import Route
from workflows.domain.values import Artifact, Digest, Percent, Target, View
from workflows.domain.watching.detection import Detection


class Progress(StrEnum):
    """Where one build stands in one environment."""

    WAITING = "waiting"
    INSTALLING = "installing"
    SHIFTING = "shifting"
    HOLDING = "holding"
    VERIFYING = "verifying"
    PROMOTED = "promoted"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


APPROVAL_OF = "approval of "
"""What the gate of an environment is called in `blockedBy`, before the environment's name."""


class MadeEnvironment(View):
    """An environment that is made for the release, when its stage begins, and ends with it."""

    environment: str
    template: str
    plan_digest: Digest
    """Of all that it is made by."""
    phase: EnvironmentPhase | None = None
    """As it was last told; None before it is begun."""
    reason: str = ""


class Blocker(View):
    """Why a release waits, who can clear it, and when it clears by itself."""

    gate: str
    reason: str
    can_be_cleared_by: tuple[str, ...] = ()
    clears_at: datetime | None = None
    evidence: tuple[str, ...] = ()
    """What the gate went by, where it went by anything."""
    owner: str = ""
    """Who has the wait now."""
    escalates_at: datetime | None = None
    """When the next is told of it, if nobody acts."""
    escalates_to: str = ""
    """Who that is."""


class GateWord(StrEnum):
    """What a gate of the open stage says."""

    CLOSED = "closed"
    SETTLING = "settling"
    """It holds, and has to go on holding for a while."""
    OPEN = "open"
    WAIVED = "waived"
    ADVISED = "advised"
    """It does not hold, and only informs."""


class GateState(View):
    """One gate of the stage that the release waits before, and since when it has said so."""

    environment: str
    gate: str
    word: GateWord
    since: datetime
    reason: str = ""
    waived_by: tuple[str, ...] = ()
    waived_until: datetime | None = None


class Exposure(View):
    """How much real traffic the new version has taken; `weightMeasured` is percent, as counted."""

    weight_asked: Percent = 0
    weight_measured: float | None = None
    weight_low: float | None = None
    """The share that the router really sends lies from here, whatever it says, …"""
    weight_high: float | None = None
    """… to here, in percent."""
    requests: int = 0
    failed: int = 0
    harm_budget: int | None = None
    """Failed requests that the release may cost in all; absent where no budget was set."""
    harm_budget_left: int | None = None
    """Failed requests that the release may still cost; absent where no budget was set."""


class WatchView(View):
    """The watch over one stage: how long it was planned to last, and how far it has come."""

    began_at: datetime
    planned_seconds: float
    seconds: float = 0.0
    cause: Cause | None = None
    """Which rule failed the canary, where one did."""

    @property
    def left_seconds(self) -> float:
        """Until the stage has lasted as long as it was planned to."""
        return max(0.0, self.planned_seconds - self.seconds)


class TargetView(View):
    """One build in one environment, as its promotion last told it."""

    target: Target
    artifact: Artifact
    revision: int = 0
    """Counts what the promotion has told its release, which may reach it in another order."""
    replaces: Digest | None = None
    progress: Progress = Progress.WAITING
    step: int = 0
    steps: int = 0
    doing: str = ""
    route: Route | None = None
    exposure: Exposure = Exposure()
    harm: Harm = Harm()
    verdict: Verdict | None = None
    watch: WatchView | None = None
    drift: tuple[str, ...] = ()
    blocked_by: tuple[Blocker, ...] = ()
    started_at: datetime | None = None
    exposed_at: datetime | None = None
    """When the new version was first given a share of the traffic."""
    decided_at: datetime | None = None
    """When it was known that it has to go back."""
    ended_at: datetime | None = None


class RollbackView(View):
    """Whether turning back is still possible, and what a rollback has put back or could not."""

    safe: bool = True
    until: str = "the old versions are removed, after every environment is verified"
    undone: tuple[Undone, ...] = ()

    @property
    def differences(self) -> tuple[Undone, ...]:
        """What could not be put back."""
        return tuple(undone for undone in self.undone if undone.failure is not None)

    def withdrawn_at(self, target: Target) -> datetime | None:
        """When *target* had none of the new version's traffic any more; None if nobody noted."""
        return next(
            (
                undone.at
                for undone in self.undone
                if undone.undo.method == _WITHDRAWAL
                and undone.undo.subject == str(target)
                and undone.failure is None
            ),
            None,
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was put back and could not be seen to be well, or ends by itself."""
        return tuple(str(undone) for undone in self.undone if undone.remark)


_WITHDRAWAL = "withdraw_version"


class ReleaseStatus(View):
    """Everything a person or a pipeline asks about a release."""

    release: str
    name: str
    summary: str = ""
    ticket: str | None = None
    phase: Phase = Phase.PLANNED
    reason: str = ""
    requested_by: str = ""
    requested: Assurance = Assurance.ASSERTED
    """How it is known who asked for it."""
    decision_digest: Digest | None = None
    chain_id: str = ""
    run_id: str = ""
    """Of this run of it: a decision on the release is one on this run."""
    signed_decision: Digest | None = None
    """The file of the newest decision that was signed; `lockgate evidence get` fetches it."""
    identity: Assurance | None = None
    """How people must be known at the gate that is open; None while none is."""
    targets: tuple[TargetView, ...] = ()
    environments: tuple[MadeEnvironment, ...] = ()
    """Those that are made for this release alone; the others stand by themselves."""
    blocked_by: tuple[Blocker, ...] = ()
    votes: tuple[Vote, ...] = ()
    gates: tuple[GateState, ...] = ()
    """Of the stage that the release waits before, or went into last."""
    exposure: Exposure = Exposure()
    analysis: tuple[MetricVerdict, ...] = ()
    rollback: RollbackView = RollbackView()
    leftovers: tuple[str, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def harm(self) -> Harm:
        """What the release has cost so far, by all its targets."""
        return sum((view.harm for view in self.targets), Harm())

    @computed_field  # type: ignore[prop-decorator]
    @property
    def detection(self) -> Detection | None:
        """How it was found that the release has to go back; None where no user was exposed."""
        decided = [(v.decided_at, v.exposed_at, v) for v in self.targets if v.decided_at]
        if not decided:
            return None
        decided_at, exposed_at, view = max(decided, key=lambda one: one[0])
        if exposed_at is None:
            return None
        verdict = view.verdict if view.verdict and view.verdict.word is Word.FAIL else None
        return Detection(
            target=view.target,
            cause=view.watch.cause if view.watch and verdict else None,
            metric=verdict.deciding if verdict else "",
            reason=verdict.reason if verdict else self.reason,
            requests=view.exposure.requests,
            failed=view.exposure.failed,
            exposed_at=exposed_at,
            decided_at=decided_at,
            back_at=self.rollback.withdrawn_at(view.target),
        )

    def with_target(self, view: TargetView) -> "ReleaseStatus":
        """The status once a promotion has said where it stands.

        The weights are those of the target that moves; the requests are all that new versions
        served. While the release is under way, it holds when its promotion holds. A view that an
        earlier one has overtaken changes nothing.
        """
        if any(v.target == view.target and v.revision > view.revision for v in self.targets):
            return self
        targets = tuple(view if v.target == view.target else v for v in self.targets)
        exposure = Exposure(
            weight_asked=view.exposure.weight_asked,
            weight_measured=view.exposure.weight_measured,
            weight_low=view.exposure.weight_low,
            weight_high=view.exposure.weight_high,
            requests=sum(v.exposure.requests for v in targets),
            failed=sum(v.exposure.failed for v in targets),
            harm_budget=view.exposure.harm_budget,
            harm_budget_left=view.exposure.harm_budget_left,
        )
        changes: dict[str, object] = {"targets": targets, "exposure": exposure}
        if view.verdict is not None:
            changes["analysis"] = view.verdict.metrics
        if self.phase in _UNDER_WAY:
            held = view.progress is Progress.HOLDING
            frozen = any(blocker.gate.startswith(f"{WINDOW} of ") for blocker in view.blocked_by)
            waits = Phase.FROZEN if frozen else Phase.HOLDING
            changes["phase"] = waits if held else Phase.PROGRESSING
            changes["blocked_by"] = view.blocked_by
        return self.model_copy(update=changes)


_UNDER_WAY = frozenset({Phase.PROGRESSING, Phase.HOLDING, Phase.FROZEN})


class GateView(View):
    """A gate as a voter sees it after voting."""

    environment: str
    decision: str
    missing: tuple[str, ...]


class Outcome(View):
    """How a release ended; the result of its workflow."""

    phase: Phase
    reason: str
    exposure: Exposure = Exposure()
    undone: tuple[Undone, ...] = ()
    leftovers: tuple[str, ...] = ()

"""Every port, answered at once and from nothing: what is left to measure is orchestration."""

import time
from collections.abc import Callable
from pathlib import Path

from activities.pace import ActivityPace
from workflows.domain.admission.admission import Admission, admit
from workflows.domain.calendar.ruling import WindowRuling, rule_move
from workflows.domain.calendar.windows import Freeze
from workflows.domain.canary.duration import PlannedDuration
from workflows.domain.canary.harm import Served
from workflows.domain.canary.outlook import outlook
from workflows.domain.canary.recovery import Recovery, RecoveryWord
from workflows.domain.canary.traffic import Traffic
from workflows.domain.canary.verdict import MetricVerdict, Verdict, Word
from workflows.domain.canary.watch import NOTHING_YET, Watched
from workflows.domain.risk.facts import Retrospective, Standing
from workflows.domain.traffic.route import Route
from workflows.domain.values import digest_of
from workflows.ports.artifacts import (
    ArtifactsPort,
    PromoteArtifact,
    StoredArtifact,
    VerifyArtifact,
)
from workflows.ports.audit import (
    AppendRecord,
    AuditPort,
    ChainHead,
    ChainList,
    ListChains,
    ReadRecord,
    RecordPage,
)
from workflows.ports.databases import CheckData, DatabasesPort, DataFinding, DataReport
from workflows.ports.decisions import AdmitRelease, DecisionsPort
from workflows.ports.deploy import (
    Deployment,
    DeployPort,
    EnsureHealthy,
    Health,
    InstallVersion,
    Instance,
    ObserveDeployment,
    RemoveVersion,
    VerifyRunning,
    WatchHealth,
)
from workflows.ports.freezes import (
    DeclareFreeze,
    Freezes,
    FreezesPort,
    LiftFreeze,
    ReadFreezes,
)
from workflows.ports.metrics import (
    MeasureTraffic,
    MetricsPort,
    PlanStage,
    VerifyRecovery,
    WatchCanary,
)
from workflows.ports.outcomes import (
    CloseRetrospective,
    Filed,
    ListRetrospectives,
    OpenRetrospectives,
    Outcomes,
    OutcomesPort,
    ReadOutcomes,
    ReadStanding,
    RecordOutcome,
)
from workflows.ports.releases import (
    AbandonedReleases,
    FindAbandoned,
    FindUnderWay,
    ReleasesPort,
    UnderWay,
)
from workflows.ports.secrets import RevokedLeases, RevokeLeases, SecretsPort
from workflows.ports.traffic import ObserveRoute, ShiftTraffic, TrafficPort, WithdrawVersion
from workflows.ports.windows import RuleWindow, WindowsPort

OLD = digest_of("what was there before")
_OLD_INSTANCE = Instance(version="v1", digest=OLD, endpoint="127.0.0.1:1")


class NoTraffic(TrafficPort):
    def observe_route(self, ask: ObserveRoute) -> Route:
        return Route(stable=OLD)

    def shift_traffic(self, ask: ShiftTraffic) -> Route:
        return Route(
            stable=ask.stable, canary=ask.canary, percent=ask.percent, release=ask.release
        )

    def withdraw_version(self, ask: WithdrawVersion) -> Route:
        return Route(stable=ask.restore)


class NoDeploy(DeployPort):
    def observe_deployment(self, ask: ObserveDeployment) -> Deployment:
        return Deployment(instances=(_OLD_INSTANCE,))

    def install_version(self, ask: InstallVersion) -> Instance:
        return Instance(
            version=ask.artifact.version, digest=ask.artifact.digest, endpoint="127.0.0.1:2"
        )

    def remove_version(self, ask: RemoveVersion) -> Deployment:
        return Deployment()

    def verify_running(self, ask: VerifyRunning) -> Instance:
        return Instance(
            version=ask.artifact.version, digest=ask.artifact.digest, endpoint="127.0.0.1:2"
        )

    def watch_health(self, ask: WatchHealth) -> Health:
        """Nothing ever fails: it lasts until nobody needs to know any more."""
        pace = ActivityPace()
        while True:
            pace.wait(ask.every.total_seconds())

    def ensure_healthy(self, ask: EnsureHealthy) -> Health:
        return Health(healthy=True)


class NoArtifacts(ArtifactsPort):
    def verify_artifact(self, ask: VerifyArtifact) -> StoredArtifact:
        return StoredArtifact(digest=ask.artifact.digest, size=1, location="builds")

    def promote_artifact(self, ask: PromoteArtifact) -> StoredArtifact:
        return StoredArtifact(digest=ask.artifact.digest, size=1, location="production")


class NoMetrics(MetricsPort):
    """Tells its story once that a watch has begun, as every watch does, and passes it."""

    def __init__(self, tell: Callable[[Watched], None]) -> None:
        self._tell = tell

    def measure_traffic(self, ask: MeasureTraffic) -> Traffic:
        return Traffic(seconds=600, values={"requests": 24_000, "errors": 24})

    def plan_stage(self, ask: PlanStage) -> PlannedDuration:
        return outlook(ask.judge, ask.traffic, percent=ask.percent)

    def watch_canary(self, ask: WatchCanary) -> Watched:
        self._tell(Watched(verdict=NOTHING_YET, watch=ask.watch))
        verdict = MetricVerdict(name="error-rate", word=Word.PASS, reason="no worse")
        return Watched(
            verdict=Verdict(
                word=Word.PASS, reason="no worse", metrics=(verdict,), canary_requests=500
            ),
            served=Served(requests=500, baseline_requests=500),
            watch=ask.watch,
            seconds=ask.rules.judge.horizon,
        )

    def verify_recovery(self, ask: VerifyRecovery) -> Recovery:
        return Recovery(word=RecoveryWord.RECOVERED, reason="as before")


class NoDatabases(DatabasesPort):
    def check_data(self, ask: CheckData) -> DataReport:
        found = (DataFinding(name=r.name, expected=r.expect, found=r.expect) for r in ask.rules)
        return DataReport(findings=tuple(found))


class NoSecrets(SecretsPort):
    def revoke_leases(self, ask: RevokeLeases) -> RevokedLeases:
        return RevokedLeases(count=0)


class NoDecisions(DecisionsPort):
    """The plan is compiled for real: a release without one has no shape to compare."""

    def admit_release(self, ask: AdmitRelease) -> Admission:
        return admit(ask.order, ask.facts)


class NoOutcomes(OutcomesPort):
    def read_standing(self, ask: ReadStanding) -> Standing:
        return Standing(pattern=ask.pattern)

    def record_outcome(self, ask: RecordOutcome) -> Filed:
        return Filed(ending=ask.ended.ending)

    def close_retrospective(self, ask: CloseRetrospective) -> Retrospective:
        raise NotImplementedError

    def list_retrospectives(self, ask: ListRetrospectives) -> OpenRetrospectives:
        return OpenRetrospectives(owed=())

    def read_outcomes(self, ask: ReadOutcomes) -> Outcomes:
        return Outcomes(tally=())


class NoReleases(ReleasesPort):
    def find_abandoned(self, ask: FindAbandoned) -> AbandonedReleases:
        return AbandonedReleases(releases=())

    def find_under_way(self, ask: FindUnderWay) -> UnderWay:
        return UnderWay(releases=())


class NoFreezes(FreezesPort):
    def declare_freeze(self, ask: DeclareFreeze) -> Freeze:
        return ask.freeze

    def lift_freeze(self, ask: LiftFreeze) -> Freeze:
        raise NotImplementedError

    def read_freezes(self, ask: ReadFreezes) -> Freezes:
        return Freezes()


class NoCalendar(WindowsPort):
    def rule_window(self, ask: RuleWindow) -> WindowRuling:
        return rule_move(ask.move, ask.timetable, ask.facts, ask.at)


class NotedRecord(AuditPort):
    """Notes when each append began: the first after a gate opens shows the gate's latency."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def append_record(self, ask: AppendRecord) -> ChainHead:
        began = time.time()
        if any(entry.action == "gate" for entry in ask.entries):
            with self._notes.open("a", encoding="utf-8") as file:
                file.write(f"{ask.release} {began}\n")
        return ChainHead(position=len(ask.entries), hash=OLD)

    def read_record(self, ask: ReadRecord) -> RecordPage:
        return RecordPage(links=(), head=None)

    def list_chains(self, ask: ListChains) -> ChainList:
        return ChainList(chains=())


def no_op_ports(notes: Path, tell: Callable[[Watched], None]) -> tuple:
    """What a release of the comparison asks; *tell* reaches the story that an activity is of."""
    return (
        NoTraffic(), NoDeploy(), NoArtifacts(), NoMetrics(tell), NoDatabases(), NoSecrets(),
        NoDecisions(), NoFreezes(), NoCalendar(), NoOutcomes(), NoReleases(), NotedRecord(notes),
    )  # fmt: skip

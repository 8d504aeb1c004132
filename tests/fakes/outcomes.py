"""What came of releases, in memory."""

from collections import Counter

from workflows.domain.admission.change import ChangeClass
from workflows.domain.errors import Diverged, PolicyViolated, Refused, TargetMissing, Unavailable
from workflows.domain.gates.vote import is_same_person
from workflows.domain.release.outcomes import Closing, EndedRelease
from workflows.domain.risk import earned
from workflows.domain.risk.earned import Ending
from workflows.domain.risk.facts import (
    Retrospective,
    Shipped,
    Standing,
    Tally,
    TroubledFile,
)
from workflows.domain.risk.score import total_of
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


class FakeOutcomes(OutcomesPort):
    """Keeps every end and closing; `down` it does not answer, `refusing` it files nothing."""

    def __init__(self) -> None:
        self.ended: list[EndedRelease] = []
        self.closings: list[Closing] = []
        self.down = False
        self.refusing = False

    def read_standing(self, ask: ReadStanding) -> Standing:
        self._answer()
        trust = earned.trust_in(self._events(ask.pattern))
        return Standing(
            pattern=ask.pattern,
            clean_runs=trust.runs(ask.at, ask.model.earned),
            failed_release=trust.failed,
            owed=tuple(_about(one, ask.services) for one in self._open(ask.services)),
            troubled=self._troubled(ask),
            shipped=self._shipped(ask.services),
            tally=self.read_outcomes(ReadOutcomes(model=ask.model)).tally,
        )

    def record_outcome(self, ask: RecordOutcome) -> Filed:
        self._answer()
        if self.refusing:
            raise Refused("the ledger takes no outcome")
        if ask.ended.run not in {one.run for one in self.ended}:
            self.ended.append(ask.ended)
        return Filed(ending=ask.ended.ending, owes=ask.ended.owes)

    def close_retrospective(self, ask: CloseRetrospective) -> Retrospective:
        self._answer()
        closing = ask.closing
        owing = [e for e in self.ended if e.release == closing.release and e.owes is not None]
        if not owing:
            raise TargetMissing(f"nothing is owed for {closing.release}")
        if is_same_person(owing[-1].requested_by, closing.by):
            raise PolicyViolated(
                f"{closing.by} asked for {closing.release}: somebody else must look into it"
            )
        before = [c for c in self.closings if c.release == closing.release]
        if not before:
            self.closings.append(closing)
        elif (before[0].by, before[0].finding) != (closing.by, closing.finding):
            raise Diverged(f"{before[0].by} closed the retrospective of {closing.release}")
        closed = {"closed_at": closing.at, "closed_by": closing.by, "finding": closing.finding}
        (owed,) = [e.owes for e in owing if e.owes is not None][:1]
        return owed.model_copy(update=closed)

    def list_retrospectives(self, ask: ListRetrospectives) -> OpenRetrospectives:
        self._answer()
        return OpenRetrospectives(owed=tuple(self._open(None))[: ask.limit])

    def read_outcomes(self, ask: ReadOutcomes) -> Outcomes:
        self._answer()
        told = [one for one in self.ended if one.ending is not Ending.UNTRIED]
        newest = sorted(told, key=lambda one: one.ended_at)[-ask.limit :]
        counted = Counter((total_of(e.profile.factors, ask.model), e.ending) for e in newest)
        return Outcomes(
            tally=tuple(
                Tally(score=s, kept=counted[s, Ending.KEPT], failed=counted[s, Ending.FAILED])
                for s in sorted({score for score, _ in counted})
            ),
            since=newest[0].ended_at if newest else None,
        )

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("the ledger does not answer")

    def _events(self, pattern: str) -> list[earned.Run | earned.Closing]:
        runs = [_run(one) for one in self.ended if one.profile.pattern == pattern]
        closings = [earned.Closing(release=c.release, at=c.at) for c in self.closings]
        return sorted([*closings, *runs], key=lambda event: event.at)

    def _open(self, services: tuple[str, ...] | None) -> list[Retrospective]:
        closed = {one.release for one in self.closings}
        owed = [one.owes for one in self.ended if one.owes and one.release not in closed]
        about = [o for o in owed if services is None or set(services) & set(o.services)]
        return sorted(about, key=lambda o: (o.due_at is None, o.due_at or o.opened_at))

    def _troubled(self, ask: ReadStanding) -> tuple[TroubledFile, ...]:
        counted = Counter(
            (brought.service, path)
            for one in self.ended
            if one.ending is Ending.FAILED and (ask.at - one.ended_at).days < 90
            for brought in one.profile.brought
            if brought.service in ask.services
            for path in dict.fromkeys(brought.paths)
        )
        ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        return tuple(TroubledFile(service=s, path=p, incidents=n) for (s, p), n in ordered)

    def _shipped(self, services: tuple[str, ...]) -> tuple[Shipped, ...]:
        heads: dict[str, str | None] = {}
        for one in sorted(self.ended, key=lambda ended: ended.ended_at):
            if one.ending is Ending.KEPT:
                heads |= {brought.service: brought.head for brought in one.profile.brought}
        told = ((service, heads.get(service)) for service in services)
        return tuple(Shipped(service=s, head=head) for s, head in told if head is not None)


def _run(one: EndedRelease) -> earned.Run:
    return earned.Run(
        release=one.release,
        at=one.ended_at,
        ending=one.ending,
        low=one.profile.low,
        emergency=one.profile.change_class is ChangeClass.EMERGENCY,
    )


def _about(owed: Retrospective, services: tuple[str, ...]) -> Retrospective:
    shown = tuple(one for one in owed.services if one in services)
    return owed.model_copy(update={"services": shown})

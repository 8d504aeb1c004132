"""Ends of releases in the ledger: filed once, never changed, and asked in several ways."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, desc, func, select

from activities.ledger import Ledger
from activities.ledger.outcome_tables import (
    OUTCOME_PATHS,
    OUTCOME_SERVICES,
    OUTCOMES,
    RETROSPECTIVE_CLOSINGS,
    RETROSPECTIVES,
)
from workflows.domain.admission.change import ChangeClass
from workflows.domain.release.outcomes import EndedRelease
from workflows.domain.risk.earned import Closing, Ending, Run, Trust, trust_in
from workflows.domain.risk.factors import Factors
from workflows.domain.risk.facts import Shipped, Tally, TroubledFile
from workflows.domain.risk.score import total_of
from workflows.domain.spec import RiskModelSpec
from workflows.ports.outcomes import Outcomes

_REMEMBERED = timedelta(days=90)
_MOST_FILES = 200
_MOST_OUTCOMES = 2_000
_MOST_RUNS = 500


class OutcomeBook:
    """Every method raises what a Ledger raises."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, ended: EndedRelease) -> bool:
        """File *ended* and what it owes; False where this run was filed before."""

        def write(connection: Connection) -> bool:
            same = select(OUTCOMES.c.run).where(
                OUTCOMES.c.release == ended.release, OUTCOMES.c.run == ended.run
            )
            if connection.execute(same).one_or_none() is not None:
                return False
            connection.execute(OUTCOMES.insert().values(_row(ended)))
            connection.execute(OUTCOME_SERVICES.insert(), [*_services(ended)])
            if ended.ending is Ending.FAILED and (paths := [*_paths(ended)]):
                connection.execute(OUTCOME_PATHS.insert(), paths)
            if debts := [*_debts(ended)]:
                connection.execute(RETROSPECTIVES.insert(), debts)
            return True

        return self._ledger.write(write)

    def trust(self, pattern: str) -> Trust:
        """The trust in *pattern*. What came before its last failure bears on nothing."""

        def read(connection: Connection) -> Trust:
            failure = _last_failure(connection, pattern)
            since = None if failure is None else failure.ended_at
            runs = [_run(row) for row in _runs(connection, pattern, since)]
            if failure is None:
                return trust_in(runs)
            closing = _closing(connection, failure)
            later: list[Run | Closing] = [*([closing] if closing else []), *runs]
            later.sort(key=lambda event: event.at)  # at one moment, the closing stays first
            return trust_in([_run(failure), *later])

        return self._ledger.read(read)

    def troubled(self, services: Iterable[str], *, at: datetime) -> tuple[TroubledFile, ...]:
        """The files of *services* that failed releases of the last 90 days had touched."""
        counted = func.count().label("incidents")
        rows = (
            select(OUTCOME_PATHS.c.service, OUTCOME_PATHS.c.path, counted)
            .where(OUTCOME_PATHS.c.service.in_(tuple(services)))
            .where(OUTCOME_PATHS.c.ended_at > at - _REMEMBERED)
            .group_by(OUTCOME_PATHS.c.service, OUTCOME_PATHS.c.path)
            .order_by(desc(counted), OUTCOME_PATHS.c.service, OUTCOME_PATHS.c.path)
            .limit(_MOST_FILES)
        )
        return self._ledger.read(
            lambda connection: tuple(
                TroubledFile(service=row.service, path=row.path, incidents=row.incidents)
                for row in connection.execute(rows)
            )
        )

    def shipped(self, services: Iterable[str]) -> tuple[Shipped, ...]:
        """The commit that the newest kept release of each service brought, where it told one."""

        def newest(connection: Connection, service: str) -> Row[tuple[str | None]] | None:
            kept = (
                select(OUTCOME_SERVICES.c.head)
                .where(OUTCOME_SERVICES.c.service == service)
                .where(OUTCOME_SERVICES.c.ending == Ending.KEPT)
                .order_by(OUTCOME_SERVICES.c.ended_at.desc(), OUTCOME_SERVICES.c.run)
                .limit(1)
            )
            return connection.execute(kept).one_or_none()

        def read(connection: Connection) -> tuple[Shipped, ...]:
            found = ((service, newest(connection, service)) for service in services)
            return tuple(
                Shipped(service=service, head=row.head)
                for service, row in found
                if row is not None and row.head is not None
            )

        return self._ledger.read(read)

    def outcomes(self, model: RiskModelSpec, *, limit: int = _MOST_OUTCOMES) -> Outcomes:
        """The newest outcomes that say something, each scored anew under *model*."""
        rows = (
            select(OUTCOMES.c.factors, OUTCOMES.c.ending, OUTCOMES.c.ended_at)
            .where(OUTCOMES.c.ending != Ending.UNTRIED)
            .order_by(OUTCOMES.c.ended_at.desc(), OUTCOMES.c.release)
            .limit(limit)
        )
        found = self._ledger.read(lambda connection: connection.execute(rows).all())
        counted: Counter[tuple[int, str]] = Counter()
        for factors, ending, _ in found:
            total = total_of(Factors.model_validate_json(factors), model)
            counted[total, ending] += 1
        return Outcomes(
            tally=tuple(
                Tally(score=s, kept=counted[s, Ending.KEPT], failed=counted[s, Ending.FAILED])
                for s in sorted({score for score, _ in counted})
            ),
            since=found[-1].ended_at if found else None,
        )


def _row(ended: EndedRelease) -> dict[str, object]:
    profile = ended.profile
    return {
        "release": ended.release,
        "run": ended.run,
        "requested_by": ended.requested_by,
        "ended_at": ended.ended_at,
        "phase": ended.phase,
        "ending": ended.ending,
        "change_class": profile.change_class,
        "pattern": profile.pattern,
        "pattern_sentence": profile.pattern_sentence,
        "score": profile.score,
        "level": profile.level,
        "low": profile.low,
        "model": profile.model,
        "factors": profile.factors.model_dump_json(),
    }


def _services(ended: EndedRelease) -> Iterator[dict[str, object]]:
    for one in ended.profile.brought:
        yield {
            "release": ended.release,
            "run": ended.run,
            "service": one.service,
            "head": one.head,
            "ended_at": ended.ended_at,
            "ending": ended.ending,
        }


def _paths(ended: EndedRelease) -> Iterator[dict[str, object]]:
    for one in ended.profile.brought:
        for path in dict.fromkeys(one.paths):
            yield {
                "release": ended.release,
                "run": ended.run,
                "service": one.service,
                "path": path,
                "ended_at": ended.ended_at,
            }


def _debts(ended: EndedRelease) -> Iterator[dict[str, object]]:
    if (owed := ended.owes) is None:
        return
    for service in owed.services:
        yield {
            "release": ended.release,
            "run": ended.run,
            "service": service,
            "requested_by": ended.requested_by,
            "opened_at": owed.opened_at,
            "due_at": owed.due_at,
        }


def _last_failure(connection: Connection, pattern: str) -> Row[tuple[object, ...]] | None:
    rows = (
        select(OUTCOMES)
        .where(OUTCOMES.c.pattern == pattern, OUTCOMES.c.ending == Ending.FAILED)
        .order_by(OUTCOMES.c.ended_at.desc(), OUTCOMES.c.release, OUTCOMES.c.run)
        .limit(1)
    )
    return connection.execute(rows).one_or_none()


def _runs(
    connection: Connection, pattern: str, since: datetime | None
) -> list[Row[tuple[object, ...]]]:
    """The newest runs of *pattern* after its last failure, oldest first."""
    rows = select(OUTCOMES).where(
        OUTCOMES.c.pattern == pattern, OUTCOMES.c.ending != Ending.FAILED
    )
    if since is not None:
        rows = rows.where(OUTCOMES.c.ended_at > since)
    newest = rows.order_by(OUTCOMES.c.ended_at.desc(), OUTCOMES.c.release).limit(_MOST_RUNS)
    return list(reversed(connection.execute(newest).all()))


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(
        release=row.release,
        at=row.ended_at,
        ending=Ending(row.ending),
        low=row.low,
        emergency=row.change_class == ChangeClass.EMERGENCY,
    )


def _closing(connection: Connection, failure: Row[tuple[object, ...]]) -> Closing | None:
    rows = select(RETROSPECTIVE_CLOSINGS.c.closed_at).where(
        RETROSPECTIVE_CLOSINGS.c.release == failure.release,
        RETROSPECTIVE_CLOSINGS.c.run == failure.run,
    )
    closed_at = connection.execute(rows).scalar_one_or_none()
    return None if closed_at is None else Closing(release=failure.release, at=closed_at)

"""Retrospectives in the ledger: opened by an end, closed by somebody who looked into it."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Row, Select, and_, select

from activities.ledger import Ledger
from activities.ledger.chains import append, held_head
from activities.ledger.outcome_tables import RETROSPECTIVE_CLOSINGS, RETROSPECTIVES
from workflows.domain.errors import Diverged, PolicyViolated, TargetMissing
from workflows.domain.gates.vote import is_same_person
from workflows.domain.release.outcomes import Closing
from workflows.domain.risk.facts import Retrospective

_MOST = 100
Found = Row[tuple[object, ...]]


class DebtBook:
    """Every method raises what a Ledger raises."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def owed(self, services: Iterable[str]) -> tuple[Retrospective, ...]:
        """What is open for one of *services*, the longest overdue first."""
        about = _with_closings().where(RETROSPECTIVES.c.service.in_(tuple(services)))
        return self._ledger.read(lambda connection: _open(connection, about, limit=_MOST))

    def open(self, *, limit: int = _MOST) -> tuple[Retrospective, ...]:
        """What is open for any service, the longest overdue first."""
        return self._ledger.read(
            lambda connection: _open(connection, _with_closings(), limit=limit)
        )

    def close(self, closing: Closing) -> Retrospective:
        """Close all that is open for a release; its audit record says so, both or neither.

        Raises:
            TargetMissing: nothing was ever owed for it.
            PolicyViolated: whoever asked for it may not close it.
            Diverged: somebody closed it before, with another finding.
        """

        def write(connection: Connection) -> Retrospective:
            held_head(connection, closing.release)  # so that nobody else closes it meanwhile
            about = _with_closings().where(RETROSPECTIVES.c.release == closing.release)
            rows = connection.execute(about).all()
            _refuse(rows, closing)
            runs = dict.fromkeys(row.run for row in rows if row.closed_at is None)
            if runs:
                append(connection, closing.release, (closing.entry,))
                added = [_closed(run, closing) for run in runs]
                connection.execute(RETROSPECTIVE_CLOSINGS.insert(), added)
            (closed,) = _told(connection.execute(about).all())[:1]
            return closed

        return self._ledger.write(write)


def _refuse(rows: Iterable[Found], closing: Closing) -> None:
    rows = list(rows)
    if not rows:
        raise TargetMissing(
            f"nothing is owed for {closing.release}; `lockgate retrospective list` names what is"
        )
    if any(is_same_person(row.requested_by, closing.by) for row in rows):
        raise PolicyViolated(
            f"{closing.by} asked for {closing.release}: somebody else must look into it"
        )
    before = [row for row in rows if row.closed_at is not None]
    if len(before) == len(rows):
        same = all((r.closed_by, r.finding) == (closing.by, closing.finding) for r in before)
        if not same:
            raise Diverged(
                f"{before[0].closed_by} closed the retrospective of {closing.release} at "
                f"{before[0].closed_at:%Y-%m-%d %H:%MZ}; it stays as it was closed"
            )


def _closed(run: str, closing: Closing) -> dict[str, object]:
    return {
        "release": closing.release,
        "run": run,
        "closed_at": closing.at,
        "closed_by": closing.by,
        "finding": closing.finding,
    }


def _with_closings() -> Select[tuple[object, ...]]:
    closings = RETROSPECTIVE_CLOSINGS
    same = and_(
        closings.c.release == RETROSPECTIVES.c.release, closings.c.run == RETROSPECTIVES.c.run
    )
    return (
        select(RETROSPECTIVES, closings.c.closed_at, closings.c.closed_by, closings.c.finding)
        .outerjoin_from(RETROSPECTIVES, closings, same)
        .order_by(
            RETROSPECTIVES.c.due_at.is_(None),
            RETROSPECTIVES.c.due_at,
            RETROSPECTIVES.c.opened_at,
            RETROSPECTIVES.c.release,
            RETROSPECTIVES.c.run,
            RETROSPECTIVES.c.service,
        )
    )


def _open(
    connection: Connection, about: Select[tuple[object, ...]], *, limit: int
) -> tuple[Retrospective, ...]:
    rows = connection.execute(about.where(RETROSPECTIVE_CLOSINGS.c.closed_at.is_(None)))
    return _told(rows.all())[:limit]


def _told(rows: Iterable[Found]) -> tuple[Retrospective, ...]:
    """One for each run, with all of its services that were asked about."""
    runs: dict[tuple[str, str], list[Found]] = {}
    for row in rows:
        runs.setdefault((row.release, row.run), []).append(row)
    return tuple(_one(found) for found in runs.values())


def _one(rows: list[Found]) -> Retrospective:
    first = rows[0]
    return Retrospective(
        release=first.release,
        services=tuple(_services(rows)),
        opened_at=first.opened_at,
        due_at=first.due_at,
        closed_at=first.closed_at,
        closed_by=first.closed_by,
        finding=first.finding or "",
    )


def _services(rows: Iterable[Found]) -> Iterator[str]:
    for row in rows:
        yield row.service

"""The databases port: every rule of a check asked with one leased login."""

from collections.abc import Mapping
from datetime import timedelta

import structlog
from temporalio import activity

from activities.databases.place import Database, DatabaseFactory, LoginLeases, Place, Session
from activities.databases.pulse import EVERY, Pulse
from workflows.domain.errors import DataInconsistent, ReleaseError, TargetMissing
from workflows.domain.release.plan import DataRule
from workflows.domain.values import Provider
from workflows.ports.databases import CheckData, DatabasesPort, DataFinding, DataReport

log = structlog.get_logger(__name__)


class DatabasesActivities(DatabasesPort):
    """Checks data where the worker's settings say that a connection's database is."""

    def __init__(
        self,
        places: Mapping[str, Place],
        leases: LoginLeases,
        *,
        kinds: Mapping[str, DatabaseFactory],
        every: timedelta = EVERY,
    ) -> None:
        """Know *kinds* of databases at *places*; *every* is the time between heartbeats."""
        self._places = places
        self._leases = leases
        self._kinds = kinds
        self._every = every

    def check_data(self, ask: CheckData) -> DataReport:
        place = self._place(ask.database)
        database = self._kinds[place.type](place)
        # A cancellation waits for the end of the block, so that it never hits the revocation.
        with activity.shield_thread_cancel_exception(), Pulse(self._every) as pulse:
            report = self._look(ask, place, database, pulse=pulse)
        log.info("data_checked", target=str(ask.target), checks=len(report.findings))
        _judge(ask, report)
        return report

    def _look(
        self, ask: CheckData, place: Place, database: Database, *, pulse: Pulse
    ) -> DataReport:
        leased = self._leases.lease_credentials(place.vault_role, ask.release)
        with leased as login, database.connect(login) as session, pulse.keeping(login, session):
            return DataReport(findings=tuple(_finding(rule, session, pulse) for rule in ask.rules))

    def _place(self, wanted: Provider) -> Place:
        if wanted.type not in self._kinds:
            raise TargetMissing(
                f"database {wanted}: there is no type {wanted.type!r}; "
                f"known are {_listed(self._kinds)}"
            )
        place = self._places.get(wanted.connection)
        if place is None:
            raise TargetMissing(
                f"database {wanted}: this worker's settings know no connection "
                f"{wanted.connection!r}; known are {_listed(self._places)}"
            )
        if place.type != wanted.type:
            raise TargetMissing(
                f"database {wanted}: the connection {wanted.connection!r} is of type "
                f"{place.type!r}, not {wanted.type!r}"
            )
        return place


def _finding(rule: DataRule, session: Session, pulse: Pulse) -> DataFinding:
    pulse.check()
    try:
        found = session.number(rule)
    except ReleaseError:
        pulse.check()  # an interrupted query fails because of what interrupted it
        raise
    return DataFinding(name=rule.name, expected=rule.expect, found=found)


def _judge(ask: CheckData, report: DataReport) -> None:
    wrong = [
        f"{finding.name!r} expected {finding.expected}, found {finding.found}"
        for finding in report.findings
        if finding.found != finding.expected
    ]
    if wrong:
        raise DataInconsistent(f"data of {ask.target}: {'; '.join(wrong)}")


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "none"

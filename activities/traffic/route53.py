"""Routes as weighted DNS records in a Route 53 zone."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.traffic.route53_client import Route53
from activities.traffic.route53_records import (
    Note,
    Record,
    arm_target,
    bare,
    changes,
    expect_same,
    is_address,
    longest_ttl,
    note_name,
    note_record,
    order_of,
    read_note,
    route_records,
)
from activities.traffic.router import expect_able
from workflows.domain.errors import Diverged, TargetMissing, Unavailable
from workflows.domain.traffic.route import CAN, Route

_SPREAD_WITHIN = timedelta(seconds=12)
_LOOK_AGAIN = timedelta(seconds=2)


@dataclass
class _Change:
    """A change of ours: by its stamp in the note, and when all of Route 53's servers had it."""

    id: str
    stamp: str
    spread_at: float | None = None


@dataclass(frozen=True)
class _Found:
    """What the zone holds of one name: the note as it was read and understood, and the records."""

    note_record: Record | None
    note: Note | None
    records: list[Record]

    @property
    def route(self) -> Route:
        return self.note.route if self.note else Route()


class Route53Router:
    """One zone; each version of a service is a weighted CNAME whose SetIdentifier is its arm.

    `names` says under which name each service is asked for, `target` under which name one version
    of it answers (`{arm}`, `{service}`); that name must be in the zone, put there by the platform.
    The route itself is kept in a TXT record, `_lockgate.` before the name. A route counts as
    spread when Route 53 says INSYNC, and as settled a TTL later: until then resolvers may hand out
    what they have. It has no headers and no sessions: DNS sees neither.
    """

    can = CAN["route53"]

    def __init__(
        self,
        *,
        client: Callable[[], Route53],
        zone_id: str,
        names: Mapping[str, str],
        target: str,
        ttl: timedelta,
        spread_within: timedelta = _SPREAD_WITHIN,
        clock: Callable[[], float] = time.monotonic,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._zone = zone_id
        self._names = {service: bare(name) for service, name in names.items()}
        self._target = target
        self._ttl = ttl
        self._spread_within = spread_within
        self._clock, self._rest = clock, rest
        self._changes: dict[str, _Change] = {}

    def read(self, service: str) -> Route:
        """See Router: from the zone's records, which must be the ones that the note speaks of."""
        return self._found(service).route

    def serve(self, service: str, route: Route, *, instead_of: Route) -> None:
        """See Router: one batch, all or nothing, and then INSYNC.

        What was not INSYNC in time is set all the same: asked again, `settles_after` goes on
        waiting for it.
        """
        found = self._found(service)
        expect_able("Route 53", self.can, route)
        if found.route != instead_of:
            raise Diverged(
                f"{service}: somebody changed the route: expected {instead_of}, found "
                f"{found.route}"
            )
        for digest in sorted(route.digests - instead_of.digests):
            self._expect_running(service, digest)
        self._write(service, route, found, drains=max(self._ttl, longest_ttl(found.records)))
        self._until_spread(service)

    def settles_after(self, service: str) -> timedelta:
        """See Router: INSYNC, then what is left of the TTL.

        A change that another worker made has an id that only that one knows. The same records are
        then written once more: when that change is INSYNC, every server has them.
        """
        found = self._found(service)
        if found.note is None:
            return timedelta(0)
        drains, known = found.note.drains, self._changes.get(service)
        if known is None or known.stamp != found.note.stamp:
            drains = max(drains, longest_ttl(found.records))
            self._write(service, found.route, found, drains=drains, again=True)
        left = self._until_spread(service) + drains.total_seconds() - self._clock()
        return timedelta(seconds=max(0.0, left))

    def _name(self, service: str) -> str:
        if service not in self._names:
            known = ", ".join(sorted(self._names)) or "none"
            raise TargetMissing(f"zone {self._zone} has no name for {service!r}: {known}")
        return self._names[service]

    def _found(self, service: str) -> _Found:
        name = self._name(service)
        held = self._records(name, until=note_name(name))
        records = [record for record in held if record["Name"] == name]
        notes = [record for record in held if record["Name"] == note_name(name)]
        note = read_note(notes[0]) if notes else None
        route = note.route if note else Route()
        expected = self._wanted(service, route)
        expect_same(name, found=records, expected=expected)
        return _Found(notes[0] if notes else None, note, records)

    def _wanted(self, service: str, route: Route) -> list[Record]:
        name, ttl = self._name(service), int(self._ttl.total_seconds())
        return route_records(service, name, route, target=self._target, ttl=ttl)

    def _expect_running(self, service: str, digest: str) -> None:
        target = arm_target(service, digest, self._target)
        if not any(is_address(record) for record in self._records(bare(target))):
            raise TargetMissing(
                f"{service}: version {digest} does not run: zone {self._zone} has no address for "
                f"{target}, which the platform puts there; install it first"
            )

    def _write(
        self, service: str, route: Route, found: _Found, *, drains: timedelta, again: bool = False
    ) -> None:
        stamp = uuid.uuid4().hex
        wanted = self._wanted(service, route)
        batch = changes(
            before=found.records,
            after=wanted,
            note=found.note_record,
            new_note=note_record(self._name(service), Note(route, stamp, drains)),
            again=again,
        )
        with in_release_words(f"zone {self._zone}: change {self._name(service)}"):
            try:
                answer = self._client().change_resource_record_sets(
                    HostedZoneId=self._zone, ChangeBatch={"Changes": batch}
                )
            except ClientError as error:
                if error_code(error) != "InvalidChangeBatch":
                    raise
                raise Diverged(
                    f"{service}: the records of {self._name(service)} are not the ones that were "
                    f"read a moment ago, nothing was changed: {error}"
                ) from error
        self._changes[service] = _Change(answer["ChangeInfo"]["Id"], stamp)

    def _until_spread(self, service: str) -> float:
        """When all of Route 53's servers had our last change; waits for it, within limits.

        Raises:
            Unavailable: it is still pending.
        """
        change = self._changes[service]
        deadline = self._clock() + self._spread_within.total_seconds()
        while change.spread_at is None:
            with in_release_words(f"zone {self._zone}: state of change {change.id}"):
                status = self._client().get_change(Id=change.id)["ChangeInfo"]["Status"]
            if status == "INSYNC":
                change.spread_at = self._clock()
            elif self._clock() >= deadline:
                raise Unavailable(
                    f"{self._name(service)}: Route 53 has taken the change but not spread it to "
                    f"all of its servers after {self._spread_within}: change {change.id} is "
                    f"{status}, expected INSYNC"
                )
            else:
                self._rest(_LOOK_AGAIN.total_seconds())
        return change.spread_at

    def _records(self, name: str, *, until: str | None = None) -> list[Record]:
        """All records from *name* to *until*, or of *name* alone, however many pages they are on.

        The note comes soon after the records that it is about, so one call reads both: Route 53
        answers five calls a second for a whole account.
        """
        last = order_of(until or name)
        found: list[Record] = []
        start: dict[str, Any] = {"StartRecordName": name}
        while True:
            with in_release_words(f"zone {self._zone}: records of {name}"):
                page = self._client().list_resource_record_sets(HostedZoneId=self._zone, **start)
            records = [{**r, "Name": bare(r["Name"])} for r in page["ResourceRecordSets"]]
            found += [record for record in records if order_of(record["Name"]) <= last]
            if not page["IsTruncated"] or order_of(page["NextRecordName"]) > last:
                return found
            start = {
                "StartRecordName": page["NextRecordName"],
                "StartRecordType": page["NextRecordType"],
            }
            if "NextRecordIdentifier" in page:
                start["StartRecordIdentifier"] = page["NextRecordIdentifier"]

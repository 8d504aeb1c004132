"""A route as DNS records, and back: pure, so that what is served can be compared."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from workflows.domain.errors import Diverged
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name

Record = dict[str, Any]

_NOTE_TTL_SECONDS = 60
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ADDRESSES = {"A", "AAAA", "CNAME"}


class Note(NamedTuple):
    """What a release writes beside the records: the route, and which change set it.

    `drains` is the longest that a resolver may keep what was served before.
    """

    route: Route
    stamp: str
    drains: timedelta


def note_name(name: str) -> str:
    """Where the note of *name* is kept: a TXT record, since weighted records have no tags."""
    return f"_lockgate.{name}"


def note_record(name: str, note: Note) -> Record:
    kept = note.route.model_dump(
        mode="json", include={"stable", "canary", "percent", "release"}, exclude_none=True
    )
    facts = {**kept, "stamp": note.stamp, "drains": str(int(note.drains.total_seconds()))}
    text = " ".join(f'"{key}={_escaped(str(value))}"' for key, value in facts.items())
    return {
        "Name": note_name(name),
        "Type": "TXT",
        "TTL": _NOTE_TTL_SECONDS,
        "ResourceRecords": [{"Value": text}],
    }


def read_note(record: Record) -> Note:
    """What `note_record` wrote.

    Raises:
        Diverged: it was not written by it.
    """
    texts = [each["Value"] for each in record.get("ResourceRecords", ())]
    parts = [re.sub(r"\\(.)", r"\1", part) for text in texts for part in _STRING.findall(text)]
    facts = dict(part.partition("=")[::2] for part in parts)
    try:
        drains = timedelta(seconds=int(facts.pop("drains")))
        return Note(stamp=facts.pop("stamp"), drains=drains, route=Route.model_validate(facts))
    except (KeyError, ValueError, ValidationError) as error:
        raise Diverged(
            f"TXT record {record['Name']} is not as a release writes it: found {texts}; remove it "
            "together with the records that it is about, or put it back"
        ) from error


def route_records(service: str, name: str, route: Route, *, target: str, ttl: int) -> list[Record]:
    """One weighted record for each version, named by its arm; none where nothing is served."""
    weights = {route.stable: 100 - (route.percent if route.canary else 0)}
    if route.canary is not None:
        weights[route.canary] = route.percent
    return [
        {
            "Name": name,
            "Type": "CNAME",
            "SetIdentifier": arm_name(service, digest),
            "Weight": weight,
            "TTL": ttl,
            "ResourceRecords": [{"Value": arm_target(service, digest, target)}],
        }
        for digest, weight in weights.items()
        if digest is not None
    ]


def arm_target(service: str, digest: str, target: str) -> str:
    """The name that one version answers under, by the pattern *target*."""
    return target.format(arm=arm_name(service, digest), service=service)


def expect_same(name: str, *, found: Iterable[Record], expected: Iterable[Record]) -> None:
    """Turn to a person when *name* is answered otherwise than a release has set; TTLs may differ.

    Raises:
        Diverged: a record was added, removed or changed, a health check among it.
    """
    have, want = _told(found), _told(expected)
    if have != want:
        raise Diverged(
            f"{name} is not answered as a release has set it: expected {_list(want)}, found "
            f"{_list(have)}; put the records back, or remove them and their TXT record "
            f"{note_name(name)}, and try again"
        )


def is_address(record: Record) -> bool:
    """Whether the record says where something is."""
    return record["Type"] in _ADDRESSES


def longest_ttl(records: Iterable[Record]) -> timedelta:
    return timedelta(seconds=max((record.get("TTL", 0) for record in records), default=0))


def bare(name: str) -> str:
    """A name in one spelling: Route 53 ends each with a dot, and people write none."""
    return name.rstrip(".").lower()


def order_of(name: str) -> list[str]:
    """Where a name stands in a zone: Route 53 sorts by labels, from the last to the first."""
    return bare(name).split(".")[::-1]


def changes(
    *,
    before: Sequence[Record],
    after: Sequence[Record],
    note: Record | None,
    new_note: Record,
    again: bool = False,
) -> list[dict[str, Any]]:
    """One batch, which Route 53 takes whole or not at all.

    A DELETE must match the record to the letter, so whoever changed one of them, or the note,
    since it was read makes the batch fail. What stays as it is, is in it only if all is to be
    written *again*.
    """
    gone = [record for record in before if again or record not in after]
    new = [record for record in after if again or record not in before]
    batch = [("DELETE", record) for record in ([note] if note else []) + gone]
    batch += [("CREATE", new_note), *(("UPSERT", record) for record in new)]
    return [{"Action": action, "ResourceRecordSet": record} for action, record in batch]


def _told(records: Iterable[Record]) -> list[str]:
    return sorted(
        json.dumps({**record, "Name": bare(record["Name"]), "TTL": 0}, sort_keys=True)
        for record in map(_bare_values, records)
    )


def _bare_values(record: Record) -> Record:
    values = [{"Value": bare(each["Value"])} for each in record.get("ResourceRecords", ())]
    return {**record, "ResourceRecords": values}


def _list(told: Sequence[str]) -> str:
    return ", ".join(told) or "no record"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

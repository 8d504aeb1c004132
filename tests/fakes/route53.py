"""A hosted zone in memory, which can do what no emulator does: stay pending, or lie."""

import itertools
from typing import Any

from botocore.exceptions import ClientError

# ruff: noqa: N803 - boto3 names its parameters so

Record = dict[str, Any]
Key = tuple[str, str, str]


class FakeRoute53:
    """Answers as Route 53 does: batches all or nothing, DELETE to the letter, sorted pages.

    A change is INSYNC after *looks* looks, never where it is None. The zone `loses` changes that
    it said it took; `weighs` every canary otherwise than it was told, where it is set.
    """

    def __init__(self, *, looks: int | None = 0, page: int = 100) -> None:
        self.records: dict[Key, Record] = {}
        self.looks = looks
        self.page = page
        self.loses = False
        self.weighs: int | None = None
        self.batches: list[list[dict[str, Any]]] = []
        self._left: dict[str, int | None] = {}
        self._ids = itertools.count(1)

    def put(self, record: Record) -> None:
        """Write a record past everybody, as a person would in the console."""
        self.records[_key(record)] = {**record, "Name": _dotted(record["Name"])}

    def list_resource_record_sets(
        self,
        *,
        HostedZoneId: str,
        StartRecordName: str,
        StartRecordType: str = "",
        StartRecordIdentifier: str = "",
    ) -> Any:
        del HostedZoneId
        start = _place((_dotted(StartRecordName), StartRecordType, StartRecordIdentifier))
        in_order = sorted(self.records, key=_place)
        held = [dict(self.records[key]) for key in in_order if _place(key) >= start]
        answer: dict[str, Any] = {
            "ResourceRecordSets": held[: self.page],
            "IsTruncated": len(held) > self.page,
        }
        if len(held) > self.page:
            following = held[self.page]
            answer |= {"NextRecordName": following["Name"], "NextRecordType": following["Type"]}
            if "SetIdentifier" in following:
                answer["NextRecordIdentifier"] = following["SetIdentifier"]
        return answer

    def change_resource_record_sets(
        self, *, HostedZoneId: str, ChangeBatch: dict[str, Any]
    ) -> Any:
        del HostedZoneId
        self.batches.append(ChangeBatch["Changes"])
        after = dict(self.records)
        for change in ChangeBatch["Changes"]:
            _apply(after, change["Action"], change["ResourceRecordSet"])
        if not self.loses:
            self.records = {key: self._weighed(record) for key, record in after.items()}
        change_id = f"/change/C{next(self._ids)}"
        self._left[change_id] = self.looks
        return {"ChangeInfo": {"Id": change_id, "Status": "PENDING"}}

    def get_change(self, *, Id: str) -> Any:
        if Id not in self._left:
            raise _error("NoSuchChange", f"no change {Id}", 404)
        left = self._left[Id]
        if left is not None:
            self._left[Id] = max(0, left - 1)
        return {"ChangeInfo": {"Id": Id, "Status": "INSYNC" if left == 0 else "PENDING"}}

    def spread(self) -> None:
        """Let every pending change come to all servers."""
        self._left = dict.fromkeys(self._left, 0)
        self.looks = 0

    def _weighed(self, record: Record) -> Record:
        if self.weighs is None or record.get("Weight", 100) == 100:
            return record
        return {**record, "Weight": self.weighs}


def _apply(records: dict[Key, Record], action: str, given: Record) -> None:
    record = {**given, "Name": _dotted(given["Name"])}
    key = _key(record)
    if action == "DELETE":
        if records.get(key) != record:
            raise _error("InvalidChangeBatch", f"Tried to delete {key} but it was not found")
        del records[key]
        return
    if action == "CREATE" and key in records:
        raise _error("InvalidChangeBatch", f"Tried to create {key} but it already exists")
    same_name = [other for other in records if other[0] == key[0] and other != key]
    if any((other[1] == "CNAME") and (other[2] == "") != (key[2] == "") for other in same_name):
        raise _error("InvalidChangeBatch", f"{key} conflicts with other records")
    records[key] = record


def _key(record: Record) -> Key:
    return _dotted(record["Name"]), record["Type"], record.get("SetIdentifier", "")


def _place(key: Key) -> tuple[list[str], str, str]:
    """Route 53 sorts by the labels of the name from the last to the first."""
    return list(reversed(key[0].rstrip(".").split("."))), key[1], key[2]


def _dotted(name: str) -> str:
    return name.rstrip(".") + "."


def _error(code: str, message: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}}
    return ClientError({**answer, "ResponseMetadata": {"HTTPStatusCode": status}}, "route53")

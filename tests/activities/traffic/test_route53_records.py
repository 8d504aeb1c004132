import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.traffic.route53_records import (
    Note,
    changes,
    expect_same,
    longest_ttl,
    note_name,
    note_record,
    order_of,
    read_note,
    route_records,
)
from workflows.domain.errors import Diverged
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name, digest_of

OLD, NEW = digest_of("old"), digest_of("new")
NAME, TARGET = "shop.example.test", "{arm}.versions.example.test"
CANARY = Route(stable=OLD, canary=NEW, percent=25, release="release-1")
routes = st.builds(
    Route,
    stable=st.sampled_from([None, OLD]),
    canary=st.sampled_from([None, NEW]),
    percent=st.integers(0, 100),
    release=st.none() | st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
)


def records_of(route: Route) -> list[dict]:
    return route_records("shop", NAME, route, target=TARGET, ttl=60)


@given(routes, st.integers(0, 86400))
def test_a_note_is_read_as_it_was_written(route, seconds):
    note = Note(route, "stamp", timedelta(seconds=seconds))

    record = json.loads(json.dumps(note_record(NAME, note)))

    assert read_note(record) == note
    assert record["Name"] == note_name(NAME) == "_lockgate.shop.example.test"


@pytest.mark.parametrize("text", ['"v=spf1"', '"stamp=1"', '"stamp=1" "drains=soon"', "x"])
def test_a_note_that_no_release_wrote_is_diverged(text):
    record = {"Name": note_name(NAME), "Type": "TXT", "ResourceRecords": [{"Value": text}]}

    with pytest.raises(Diverged, match="not as a release writes it"):
        read_note(record)


def test_each_version_is_one_weighted_record_and_the_weights_are_a_hundred():
    records = records_of(CANARY)

    assert {record["SetIdentifier"]: record["Weight"] for record in records} == {
        arm_name("shop", OLD): 75,
        arm_name("shop", NEW): 25,
    }
    assert records[1]["ResourceRecords"] == [
        {"Value": f"{arm_name('shop', NEW)}.versions.example.test"}
    ]


def test_a_version_alone_has_all_of_it_and_nothing_has_no_record():
    assert [record["Weight"] for record in records_of(Route(stable=OLD))] == [100]
    assert records_of(Route()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"Weight": 60},
        {"SetIdentifier": "mine"},
        {"HealthCheckId": "abc"},
        {"ResourceRecords": [{"Value": "elsewhere.example.test"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_record_that_no_release_set_is_diverged(change):
    found = records_of(CANARY)
    found[0] = {**found[0], **change}

    with pytest.raises(Diverged, match="not answered as a release has set it"):
        expect_same(NAME, found=found, expected=records_of(CANARY))


def test_spelling_order_and_ttl_make_no_difference():
    found = [
        {
            **record,
            "Name": f"{NAME}.".upper(),
            "TTL": 300,
            "ResourceRecords": [{"Value": record["ResourceRecords"][0]["Value"] + "."}],
        }
        for record in reversed(records_of(CANARY))
    ]

    expect_same(NAME, found=found, expected=records_of(CANARY))

    assert longest_ttl(found) == timedelta(seconds=300)
    assert longest_ttl([]) == timedelta(0)


def test_a_note_stands_soon_after_what_it_is_about():
    names = ["test", "a.test", NAME, note_name(NAME), f"a.{NAME}", "shop2.example.test"]

    assert sorted(names, key=order_of) == ["test", "a.test", *names[2:]]


def test_only_what_changes_is_in_the_batch_and_what_goes_is_named_to_the_letter():
    more = CANARY.model_copy(update={"percent": 50})
    batch = changes(
        before=records_of(CANARY), after=records_of(more), note={"old": 1}, new_note={"new": 1}
    )

    assert [change["Action"] for change in batch] == [
        "DELETE",
        "DELETE",
        "DELETE",
        "CREATE",
        "UPSERT",
        "UPSERT",
    ]
    assert batch[0]["ResourceRecordSet"] == {"old": 1}
    assert batch[1]["ResourceRecordSet"] == records_of(CANARY)[0]
    unchanged = changes(
        before=records_of(CANARY), after=records_of(CANARY), note=None, new_note={"new": 1}
    )
    assert [change["Action"] for change in unchanged] == ["CREATE"]

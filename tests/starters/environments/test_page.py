"""Where an environment stands, as people read it in a terminal."""

from datetime import timedelta
from decimal import Decimal

import pytest

from starters.environments.page import ends, freed, money, page
from tests.starters.environments.views import BEGAN, NOW, a_view
from workflows.domain.environments.census import Census, Resource
from workflows.domain.environments.drift import Drift
from workflows.domain.environments.view import (
    EnvironmentPhase,
    Extension,
    Hold,
    Removal,
    Warned,
)

BUCKET = Resource(id="arn:1", type="AWS::S3::Bucket", name="Uploads")
HOLD = Hold(by="ben", reason="evidence in case 4711", since=NOW)


def lines(**changes):
    return [line.strip() for line in page(a_view(**changes), now=NOW).splitlines()]


def test_a_living_one_says_when_it_ends_how_to_keep_it_and_what_it_costs():
    assert page(a_view(), now=NOW).splitlines() == [
        "pr-7   Ready   from preview (982d9e3eb996)",
        "  for        try the new checkout",
        "  owner      ana, team team-shop",
        "  ends       2026-11-29 02:00:00Z, in 2d14h",
        "  extend     2 more by up to 2d, until 2026-12-10 02:00:00Z at most",
        '             keep it with: lockgate env extend pr-7 --reason "..."',
        "  costs      0.03 EUR an hour, 21.90 EUR a month, 0.30 EUR so far",
        "  holds      2 resources",
        "  output     Bucket = uploads",
    ]


def test_who_asked_for_it_is_named():
    assert "asked by   ben" in lines(requested_by="ben")


def test_what_it_costs_is_unknown_where_a_price_is():
    assert "costs      unknown: no price for AWS::SNS::Topic" in lines(
        per_hour=None, unpriced=("AWS::SNS::Topic",)
    )


def test_warnings_and_extensions_are_told():
    said = lines(
        phase=EnvironmentPhase.EXPIRING,
        warned=(Warned(before=timedelta(hours=24), at=NOW, told="to ana by mail"),),
        told="pr-7 ends soon: to ana by mail",
        extensions=(
            Extension(by="ana", span=timedelta(days=1), reason="review on Monday", at=NOW),
        ),
        extensions_left=0,
    )

    assert "its owner was warned 1d before: to ana by mail" in said
    assert "told       pr-7 ends soon: to ana by mail" in said
    assert "extended   by 1d by ana: review on Monday" in said
    assert "extend     it cannot be extended any more" in said


def test_one_that_is_kept_beyond_its_time_says_by_whom_and_how_to_lift_it():
    said = lines(phase=EnvironmentPhase.HELD, hold=HOLD, expires_at=NOW - timedelta(hours=1))

    assert "held       by ben since 2026-11-26 12:00:00Z: evidence in case 4711" in said
    assert 'lift it with: lockgate env hold pr-7 --lift --reason "..."' in said
    assert "ends       2026-11-26 11:00:00Z, its time is over, and it waits for a person" in said


def test_drift_is_told_with_its_time():
    assert "drift      as its template says, at 2026-11-26 12:00:00Z" in lines(
        drift=Drift(), drift_at=NOW
    )


def test_one_that_is_not_gone_names_what_is_left_and_how_to_try_again():
    removal = Removal(
        reason="its time was over",
        by="",
        attempts=3,
        problem="Refused: Uploads is locked",
        asks_person=True,
        again_at=NOW + timedelta(minutes=4),
        after=Census(
            environment="pr-7", at=NOW, resources=(BUCKET,), unreadable=("sqs: throttled",)
        ),
    )

    said = lines(phase=EnvironmentPhase.TEARDOWN_INCOMPLETE, removal=removal)

    assert "torn down  because its time was over" in said
    assert "left       after 3 attempts: Refused: Uploads is locked" in said
    assert "still there Uploads (arn:1)" in said
    assert "uncounted  sqs: throttled" in said
    assert "a person has to change something: trying again does not help by itself" in said
    assert (
        "again      at 2026-11-26 12:04:00Z, or at once with: lockgate env teardown pr-7 "
        '--reason "..."'
    ) in said


def test_one_that_is_gone_says_what_was_removed_and_what_that_saves():
    removal = Removal(
        reason="merged",
        by="ana",
        removed=("Uploads (arn:1)",),
        snapshots=("snap-1",),
        after=Census(environment="pr-7", at=NOW),
        saved_per_month=Decimal("21.9"),
    )

    said = lines(phase=EnvironmentPhase.REMOVED, removal=removal, reason="merged")

    assert not any(line.startswith(("why", "holds", "output")) for line in said)
    assert "torn down  because merged, said ana" in said
    assert "removed    Uploads (arn:1)" in said
    assert "kept       snapshot snap-1" in said
    assert "census     nothing is left at 2026-11-26 12:00:00Z" in said
    assert "saves      21.90 EUR a month" in said
    assert not any(line.startswith(("ends", "extend")) for line in said)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "in 2d14h"),
        ({"expires_at": BEGAN}, "now"),
        ({"expires_at": None}, "unknown"),
        ({"phase": EnvironmentPhase.CREATING}, "in 2d14h"),
        ({"phase": EnvironmentPhase.TEARING_DOWN}, "now"),
        ({"phase": EnvironmentPhase.REMOVED}, "gone"),
        ({"hold": HOLD}, "held"),
        ({"protected": True}, "protected"),
    ],
)
def test_when_it_ends_in_a_few_words(changes, told):
    assert ends(a_view(**changes), NOW) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "it ends in 2d14h"),
        ({"phase": EnvironmentPhase.EXPIRING}, "it ends in 2d14h"),
        ({"phase": EnvironmentPhase.TEARING_DOWN}, "its end happens now: it is being torn down"),
        (
            {"phase": EnvironmentPhase.HELD},
            "its end happens now: it is torn down once the tag of its hold is off",
        ),
        (
            {"phase": EnvironmentPhase.HELD, "protected": True},
            "it is kept, as it is protected: end it by `lockgate env teardown pr-7 --protected`",
        ),
    ],
)
def test_what_follows_where_nobody_holds_it_any_more(changes, told):
    assert freed(a_view(**changes), NOW) == told


def test_one_within_a_budget_that_nobody_can_tell_of_is_not_said_to_be_extendable():
    (said,) = (
        line
        for line in lines(per_hour=None, unpriced=("AWS::SNS::Topic",), budget=Decimal(50))
        if "extend" in line
    )

    assert said == (
        "extend     it cannot be extended within its budget of 50 EUR: nobody knows what it "
        "costs; give the missing prices in the catalog's template: a new environment then knows "
        "them"
    )


def test_money_is_told_to_the_cent_or_as_unknown():
    assert money(Decimal("21.904"), "EUR") == "21.90 EUR"
    assert money(Decimal(0), "EUR") == "0.00 EUR"
    assert money(None, "EUR") == "unknown"


def test_a_fact_stays_one_line_whatever_somebody_wrote():
    told = page(a_view(purpose="a test\n  owner      ben\x1b[2J"), now=NOW)

    assert "  for        a test   owner      ben [2J" in told.splitlines()
    assert "\x1b" not in told

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.environments import PER_HOUR, an_environment_order
from workflows.domain.environments.census import Census, Resource
from workflows.domain.environments.notices import ends_soon, left_over, not_removed, torn_down
from workflows.domain.environments.view import EnvironmentView, Hold, Removal
from workflows.domain.values import digest_of

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BUCKET = Resource(id="arn:aws:s3:::uploads", type="AWS::S3::Bucket", name="Uploads")
QUEUE = Resource(id="arn:aws:sqs:::orders", type="AWS::SQS::Queue", name="Orders")


def view(**changes):
    return EnvironmentView.model_validate(
        {
            "name": "pr-7",
            "template": "preview",
            "digest": digest_of("text"),
            "plan_digest": digest_of("plan"),
            "run": "run-1",
            "owner": "ana",
            "team": "team-shop",
            "purpose": "try the new checkout",
            "created_at": NOON - 48 * HOUR,
            "expires_at": NOON + 24 * HOUR,
            "extensions_left": 2,
            "currency": "EUR",
            "per_hour": PER_HOUR,
            **changes,
        }
    )


def warning(*, before=24 * HOUR, now=NOON, **changes):
    return ends_soon(an_environment_order(), view(**changes), before=before, now=now)


def census(*resources, unreadable=()):
    return Census(environment="pr-7", at=NOON, resources=resources, unreadable=unreadable)


def test_a_warning_says_when_what_it_costs_how_to_keep_it_and_what_if_not():
    told = warning()

    assert told.subject == "pr-7 ends in 1d"
    assert told.text == (
        "The environment pr-7 of team-shop ends at 2026-11-27 12:00 UTC, in 1d.\n"
        "It was made from preview for: try the new checkout\n"
        "\n"
        "So far it has cost 1.44 EUR, at 0.03 EUR an hour.\n"
        "\n"
        "To keep it for up to 2d more (2 extensions are left, until 2026-12-08 12:00 UTC at the "
        "latest):\n"
        "\n"
        '    lockgate env extend pr-7 --reason "why it is still needed"\n'
        "\n"
        "If nobody does anything, it is torn down then, with all that is in it.\n"
    )


def test_a_timer_that_fires_a_moment_late_changes_no_word():
    assert warning(now=NOON + timedelta(seconds=20)).subject == warning().subject


def test_a_cost_that_is_not_known_is_not_told_as_none():
    text = warning(per_hour=None, unpriced=("AWS::RDS::DBInstance",)).text

    assert "What it costs is not known: the template has no price of AWS::RDS::DBInstance." in text
    assert "EUR" not in text


@pytest.mark.parametrize(
    "changes", [{"extensions_left": 0}, {"expires_at": NOON - 48 * HOUR + timedelta(days=14)}]
)
def test_what_cannot_be_extended_says_how_to_have_one_anew(changes):
    text = warning(**changes).text

    assert "cannot be extended any more" in text
    assert "lockgate env request pr-7 --template preview" in text
    assert "lockgate env extend" not in text


def test_what_no_budget_allows_says_what_to_give_and_how_to_have_one_anew():
    text = warning(per_hour=None, unpriced=("AWS::RDS::DBInstance",), budget=Decimal(50)).text

    assert "cannot be extended within its budget of 50 EUR" in text
    assert "give the missing prices in the catalog's template" in text
    assert "lockgate env request pr-7 --template preview" in text
    assert "lockgate env extend" not in text


def test_what_nothing_tears_down_is_not_said_to_be_torn_down():
    held = warning(hold=Hold(by="eve", reason="evidence", since=NOON)).text
    protected = warning(protected=True).text

    assert "it is on hold, which eve said (evidence)" in held
    assert "--protected" in protected
    assert "torn down then" not in held + protected


def test_each_warning_of_each_end_of_each_environment_is_one_of_its_own():
    keys = [
        warning().key,
        warning(before=HOUR).key,
        warning(expires_at=NOON + 48 * HOUR).key,
        warning(name="pr-8").key,
        warning(created_at=NOON).key,
        warning(created_at=None).key,
    ]

    assert len(set(keys)) == len(keys)
    assert warning(now=NOON + HOUR, run="run-2").key == warning().key


def removal(**changes):
    made = Removal(reason="its time is over", by="lockgate", after=census())
    return made.model_copy(update=changes)


def test_a_removal_says_what_is_gone_what_is_kept_and_what_it_saves():
    told = torn_down(
        view(),
        removal(
            removed=(str(BUCKET), str(QUEUE)),
            snapshots=("snapshot-1",),
            saved_per_month=Decimal("21.9"),
        ),
    )

    assert told.subject == "pr-7 was torn down"
    assert told.text == (
        "The environment pr-7 of team-shop was torn down: its time is over\n"
        "Who said so: lockgate\n"
        "\n"
        "Removed (2):\n"
        "  - Uploads (arn:aws:s3:::uploads)\n"
        "  - Orders (arn:aws:sqs:::orders)\n"
        "\n"
        "Kept on purpose, as final snapshots:\n"
        "  - snapshot-1\n"
        "\n"
        "Counted at 2026-11-26 12:00 UTC: nothing is left.\n"
        "That saves 21.90 EUR a month.\n"
    )


def test_savings_that_are_not_known_are_not_told_as_none():
    assert "What that saves is not known" in torn_down(view(per_hour=None), removal()).text


def test_a_long_list_is_cut_and_says_by_how_much():
    told = torn_down(view(), removal(removed=tuple(f"queue-{n}" for n in range(25))))

    assert "Removed (25)" in told.text
    assert "queue-19\n  - and 5 more\n" in told.text


def test_what_is_left_is_named_with_why_and_how_to_go_on():
    told = not_removed(
        view(),
        removal(after=census(BUCKET, unreadable=("us-east-1: denied",)), problem="Object Lock"),
    )

    assert told.subject == "pr-7 is not torn down: 2 left or not counted"
    assert "  - Uploads (arn:aws:s3:::uploads)\n  - us-east-1: denied\n" in told.text
    assert "Why: Object Lock\n" in told.text
    assert "lockgate env teardown pr-7" in told.text


def test_the_same_things_left_are_told_once_and_others_anew():
    both = not_removed(view(), removal(after=census(BUCKET, QUEUE), problem="a", attempts=1))
    again = not_removed(view(), removal(after=census(QUEUE, BUCKET), problem="b", attempts=9))
    fewer = not_removed(view(), removal(after=census(BUCKET)))
    uncounted = not_removed(view(), removal(after=None))

    assert both.key == again.key
    assert len({both.key, fewer.key, uncounted.key}) == 3
    assert left_over(removal(after=None)) == ()
    assert "not known yet" in uncounted.text


def test_no_two_kinds_of_notice_are_taken_for_each_other():
    assert len({warning().key, torn_down(view(), removal()).key}) == 2

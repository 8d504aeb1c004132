from datetime import timedelta
from decimal import Decimal

from tests.environments import PER_HOUR
from tests.workflows.domain.environments.views import NOON, a_view
from workflows.domain.environments.census import Census, Resource
from workflows.domain.environments.drift import Drift
from workflows.domain.environments.page import environment_page
from workflows.domain.environments.view import (
    EnvironmentPhase,
    Extension,
    Hold,
    Removal,
    Warned,
)

DAY = timedelta(days=1)


def lines(**changes):
    return environment_page(a_view(**changes)).splitlines()


def test_it_says_when_it_ends_how_to_keep_it_and_what_it_costs():
    told = Warned(before=DAY, at=NOON + 2 * DAY, told="told by mail to ana@shop.test")

    page = lines(per_hour=PER_HOUR, resources=2, warned=(told,), outputs={"Bucket": "uploads"})

    assert page[0] == "## pr-7: Ready"
    assert "ends at **2026-11-29 12:00Z**, and everything in it with it" in page
    assert "- warned at 2026-11-28 12:00Z: told by mail to ana@shop.test" in page
    assert (
        "keep it longer: `lockgate env extend pr-7 --for 2d --reason …` "
        "(2 left, until 2026-12-10 12:00Z at most)" in page
    )
    assert "- owner ana, team team-shop; for: try the new checkout" in page
    assert "- costs 0.03 EUR an hour, 21.90 a month" in page
    assert "- Bucket: `uploads`" in page


def test_who_asked_for_it_is_named_where_somebody_said_so():
    assert "- asked for by ben" in lines(requested_by="ben")
    assert not any("asked for by" in line for line in lines())


def test_a_warning_of_which_nothing_is_known_yet_is_not_said_to_be_told():
    page = lines(warned=(Warned(before=DAY, at=NOON + 2 * DAY),))

    assert "- warned at 2026-11-28 12:00Z: its owner is being told" in page


def test_an_unknown_price_is_said_to_be_unknown():
    page = lines(unpriced=("AWS::SNS::Topic",), extensions_left=0)

    assert "- nobody knows what it costs: no price for AWS::SNS::Topic" in page
    assert "it cannot be extended any more" in page


def test_one_within_a_budget_that_nobody_can_tell_of_is_not_said_to_be_extendable():
    page = "\n".join(lines(unpriced=("AWS::SNS::Topic",), budget=Decimal(50)))
    unlimited = "\n".join(lines(unpriced=("AWS::SNS::Topic",), budget=None))

    assert "lockgate env extend" not in page
    assert "it cannot be extended within its budget of 50 EUR: nobody knows what it costs" in page
    assert "lockgate env extend" in unlimited


def test_a_hold_and_protection_say_who_can_end_it():
    held = "\n".join(lines(hold=Hold(by="ben", reason="court", since=NOON)))
    protected = "\n".join(lines(protected=True))

    assert "held by **ben** since 2026-11-26 12:00Z: court" in held
    assert "--lift" in held
    assert "`lockgate env teardown pr-7 --protected --reason …`" in protected
    assert "ends at" not in held + protected


def test_what_is_left_is_named_with_the_reason_and_the_next_attempt():
    bucket = Resource(id="arn:uploads", type="AWS::S3::Bucket", name="Uploads")
    removal = Removal(
        reason="over",
        by="ana",
        attempts=3,
        problem="Refused: Object Lock keeps it",
        asks_person=True,
        again_at=NOON,
        after=Census(environment="pr-7", at=NOON, resources=(bucket,)),
        snapshots=("snap-1",),
        removed=tuple(f"thing {n}" for n in range(50)),
    )

    page = lines(phase=EnvironmentPhase.TEARDOWN_INCOMPLETE, removal=removal)

    assert "torn down because over, said ana" in page
    assert "- not over after 3 attempts: Refused: Object Lock keeps it" in page
    assert "- a person has to change something: trying again alone does not help" in page
    assert "- **left**: Uploads (arn:uploads)" in page
    assert "- kept: snapshot snap-1" in page
    assert "- … and 10 more" in page


def test_drift_and_extensions_are_told():
    extension = Extension(by="ana", span=DAY, reason="demo", at=NOON)

    page = lines(
        extensions=(extension,), drift=Drift(template_changed=True), drift_at=NOON, doing="tag it"
    )

    assert "- extended by 1d, by ana at 2026-11-26 12:00Z: demo" in page
    assert "compared with its template at 2026-11-26 12:00Z: drifted: template" in page
    assert "now: tag it" in page


def test_it_never_outgrows_what_temporal_keeps():
    page = environment_page(a_view(outputs={f"Output{n}": "ü" * 2_000 for n in range(50)}))

    assert len(page.encode()) < 20_000
    assert page.endswith("`lockgate env show pr-7` prints all of it")


def test_the_ui_sees_where_a_list_begins_and_ends():
    """Its Markdown takes a list right below a sentence for more of the sentence, and back."""
    page = lines(warned=(Warned(before=DAY, at=NOON),), removal=Removal(reason="merged", by="ana"))

    at = next(number for number, line in enumerate(page) if line.startswith("- warned"))
    assert page[at - 1] == page[at + 1] == ""

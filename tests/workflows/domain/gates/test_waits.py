from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import build_of
from workflows.domain.gates.waits import ENOUGH, GateOutcome, GateWait, report, true_catches

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_wait(hour, outcome="opened", *, gate="tests", version="v2", minutes=3.0, **more):
    service = more.pop("service", "checkout")
    fields = {
        "key": f"{gate}-{hour}-{service}",
        "release": f"release/{hour}",
        "environment": "production",
        "gate": gate,
        "builds": {service: build_of(service, version)},
        "opened_at": NOON + hour * HOUR,
        "closed_at": NOON + hour * HOUR + timedelta(minutes=minutes),
        "seconds": minutes * 60,
        "outcome": GateOutcome(outcome),
    }
    return GateWait(**fields | more)


def figures(*waits, since=NOON):
    return {each.gate: each for each in report(waits, since=since).gates}


def test_each_gate_is_told_with_what_it_cost():
    found = figures(
        a_wait(0, minutes=2),
        a_wait(1, minutes=4),
        a_wait(2, "waived", minutes=9),
        a_wait(0, gate="sbom", minutes=1),
    )

    tests = found["tests"]
    assert (tests.waits, tests.minutes) == (3, 15.0)
    assert (tests.median_minutes, tests.longest_minutes, tests.overrides) == (4.0, 9.0, 1)
    assert list(found) == ["tests", "sbom"]


def test_what_was_before_does_not_count():
    assert report([a_wait(0)], since=NOON + HOUR).gates == ()


def test_a_denial_that_another_build_mended_is_a_true_catch():
    waits = (a_wait(0, "expired", version="v2"), a_wait(1, "opened", version="v3"))

    assert true_catches(waits) == 1
    assert figures(*waits)["tests"].denials == 1


def test_the_same_build_let_through_later_was_no_catch():
    """Nothing was mended: the gate was wrong, or somebody gave in."""
    assert true_catches([a_wait(0, "rejected"), a_wait(1, "opened")]) == 0


def test_a_waiver_is_no_fix_and_the_next_build_may_still_be_one():
    denied, waived = a_wait(0, "rejected"), a_wait(1, "waived", version="v3")

    assert true_catches([denied, waived]) == 0
    assert true_catches([denied, waived, a_wait(2, version="v4")]) == 1


def test_another_service_or_environment_mends_nothing():
    denied = a_wait(0, "rejected")

    assert true_catches([denied, a_wait(1, version="v3", service="payments")]) == 0
    assert true_catches([denied, a_wait(1, version="v3", environment="eu")]) == 0


def test_a_release_of_several_services_is_caught_once():
    builds = {name: build_of(name, "v2") for name in ("checkout", "payments")}
    mended = {**builds, "payments": build_of("payments", "v3")}

    waits = [a_wait(0, "rejected", builds=builds), a_wait(1, builds=mended)]

    assert true_catches(waits) == 1


def test_a_gate_that_caught_nothing_is_proposed_to_be_retired():
    idle = [a_wait(hour) for hour in range(ENOUGH)]

    assert "never denied anything in 20 waits" in figures(*idle)["tests"].proposal
    assert figures(*idle[1:])["tests"].proposal == ""


def test_denials_that_led_nowhere_and_waivers_as_a_habit_are_told_apart():
    denied = [a_wait(hour, "expired") for hour in range(ENOUGH)]
    waived = [a_wait(hour, "waived") for hour in range(ENOUGH)]

    assert "make it advisory: none of its 20 denials" in figures(*denied)["tests"].proposal
    assert "20 of 20 waits ended in a waiver" in figures(*waived)["tests"].proposal


def test_one_true_catch_keeps_a_gate():
    waits = [a_wait(hour) for hour in range(ENOUGH)]
    waits += [a_wait(40, "expired"), a_wait(41, version="v3")]

    assert figures(*waits)["tests"].proposal == ""


@given(
    st.lists(
        st.tuples(st.sampled_from(list(GateOutcome)), st.sampled_from(["v1", "v2", "v3"])),
        max_size=12,
    )
)
def test_there_are_never_more_catches_than_denials(story):
    waits = [a_wait(hour, outcome, version=v) for hour, (outcome, v) in enumerate(story)]

    assert 0 <= true_catches(waits) <= sum(wait.denied for wait in waits)

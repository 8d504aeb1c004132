"""What environments cost and who can reach them: what nobody knows is in no sum."""

from decimal import Decimal

from starters.environments.report import report_of, reported, silent, total
from tests.starters.environments.views import NOW, a_view
from workflows.ports.environments import OpenPort, Surface

SSH = OpenPort(where="sg-1", protocol="tcp", ports="22", to="0.0.0.0/0")


def seen(name="pr-7", surface=None, **changes):
    return reported(a_view(name, **changes), surface or Surface(), at=NOW)


def test_each_is_told_with_age_cost_and_open_ports():
    one = seen(surface=Surface(open=(SSH,)))

    assert one.age.total_seconds() == 10 * 3600
    assert one.per_month == Decimal("21.90")
    assert one.so_far == Decimal("0.30")
    assert str(one.exposed) == "22/tcp to 0.0.0.0/0 at sg-1"


def test_what_could_not_be_looked_at_is_unknown_and_not_closed():
    assert str(seen().exposed) == "none"
    assert str(seen(surface=Surface(unreadable=("rds: denied",))).exposed) == "unknown"
    assert str(seen(surface=Surface(open=(SSH,), unreadable=("rds: denied",))).exposed) == (
        "22/tcp to 0.0.0.0/0 at sg-1, and unknown"
    )
    assert str(reported(a_view(), None, at=NOW, why_unknown="no answer").exposed) == "unknown"


def test_teams_are_summed_and_what_is_unknown_makes_it_at_least_so_much():
    report = report_of(
        [
            seen("a"),
            seen("b", per_hour=Decimal("0.1")),
            seen("c", per_hour=None, unpriced=("AWS::SNS::Topic",)),
            seen("d", team="team-pay", currency="USD"),
            silent("e", "team-pay", "no worker answers"),
        ],
        at=NOW,
    )
    pay, shop = report.teams

    assert [one.environment for one in shop.environments] == ["c", "b", "a"]
    assert total(shop.sums, shop.unknown_costs) == (
        "at least 94.90 EUR a month, at least 1.30 EUR so far; the cost of 1 is unknown"
    )
    assert total(pay.sums, pay.unknown_costs) == (
        "at least 21.90 USD a month, at least 0.30 USD so far; the cost of 1 is unknown"
    )
    assert report.unknown_costs == 2
    assert [one.currency for one in report.sums] == ["EUR", "USD"]


def test_what_is_known_of_all_is_a_sum_and_no_bound():
    report = report_of([seen("a"), seen("b")], at=NOW)

    assert total(report.sums, report.unknown_costs) == "43.80 EUR a month, 0.60 EUR so far"
    assert total((), 0) == "nothing"
    assert total((), 2) == "the cost of 2 is unknown"


def test_programs_are_told_the_sums_too():
    told = report_of([seen("a")], at=NOW).model_dump(mode="json")

    assert told["sums"] == [{"currency": "EUR", "perMonth": "21.90", "soFar": "0.30"}]
    assert told["unknownCosts"] == 0
    assert told["teams"][0]["environments"][0]["exposed"] == {"ports": [], "unknown": ""}

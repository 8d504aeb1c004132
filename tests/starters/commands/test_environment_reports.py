"""The options of `lockgate env diff`, `census` and `report`."""

from pathlib import Path


def test_diff_compares_with_the_catalog_and_the_cloud_or_with_another_one(typed):
    words = ("env", "diff", "pr-7", "--template", "next", "--no-drift")

    code, asked = typed("environment_reports.diff", *words, answer=30)
    _, two = typed("environment_reports.compare", "env", "diff", "pr-7", "pr-8")

    assert code == 30
    assert (asked["args"], asked["template"], asked["drift"]) == (("pr-7",), "next", False)
    assert two["args"] == ("pr-7", "pr-8")


def test_census_counts_everything_or_one_where_somebody_says(typed):
    code, every = typed("environment_census.census", "env", "census", answer=30)
    _, one = typed(
        "environment_census.census_of", "env", "census", "pr-7", "--provider", "cloudformation/x"
    )

    assert code == 30
    assert (every["args"], every["catalog"]) == (((),), Path("catalog"))
    assert one["args"] == ("pr-7", ["cloudformation/x"])


def test_census_says_where_orphans_are_removed_by_themselves(lockgate):
    code, said = lockgate("env", "census", "--help")

    assert code == 0
    assert "Where a schedule `lockgate-orphans` is declared" in " ".join(said.split())


def test_report_may_leave_out_what_takes_long(typed):
    _, asked = typed("environment_reports.report", "env", "report", "--no-surface", "--team", "a")

    assert (asked["team"], asked["surface"]) == ("a", False)

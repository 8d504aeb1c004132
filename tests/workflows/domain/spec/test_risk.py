import pytest
from pydantic import ValidationError

from workflows.domain.spec import RiskModelSpec
from workflows.domain.spec.release import ChangeSpec, SourceSpec


def refused(**written):
    with pytest.raises(ValidationError) as caught:
        RiskModelSpec.model_validate(written)
    return str(caught.value)


def test_the_built_in_model_counts_to_a_hundred_where_everything_is_at_its_worst():
    model = RiskModelSpec()

    assert (
        model.base
        + model.churn.cap
        + model.coverage.none
        + model.fatigue.cap
        + model.dependants.cap
        + model.migration.contract
        + model.concurrent.cap
        + model.hour.otherwise
    ) == 100


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"levels": {"medium": 60, "high": 60}}, "medium 60 must be above 0 and below high 60"),
        ({"levels": {"medium": 0}}, "medium 0 must be above 0"),
        ({"coverage": {"full": 20}}, "tests would cost"),
        ({"migration": {"expand": 9}}, "must not fall"),
        ({"churn": {"perCommit": -1}}, "greater than or equal to 0"),
        ({"hour": {"timeZone": "Mars/Olympus"}}, "'Mars/Olympus' is no time zone"),
        ({"hour": {"timeZone": "../etc"}}, "is no time zone"),
        ({"earned": {"cleanRuns": 1}}, "greater than or equal to 2"),
        ({"calibration": {"outcomes": 3}}, "greater than or equal to 20"),
    ],
)
def test_a_model_that_would_reward_what_is_feared_is_refused(written, said):
    assert said in refused(**written)


def test_an_emergency_names_the_incident_that_it_ends():
    with pytest.raises(ValidationError, match="class emergency needs incident"):
        ChangeSpec.model_validate({"summary": "hurry", "class": "emergency"})


@pytest.mark.parametrize(
    "reference",
    ["--upload-pack=x", "-o", "a..b", "a b", "x;y", "$(x)", "a\nb", "refs/heads/x.lock", "a/", ""],
)
def test_what_git_could_take_for_something_else_is_no_reference(reference):
    with pytest.raises(ValidationError):
        SourceSpec.model_validate({"base": reference, "head": "main"})


@pytest.mark.parametrize("reference", ["main", "v1.2.3", "release/2026.11", "a" * 40])
def test_commits_tags_and_branches_are(reference):
    assert SourceSpec.model_validate({"base": reference, "head": "x"}).base == reference

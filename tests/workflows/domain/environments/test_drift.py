from workflows.domain.environments.census import Resource
from workflows.domain.environments.drift import Drift, Drifted


def drifted(name="Orders", **differences):
    resource = Resource(id=f"arn:{name}", type="", name=name, tags={"a": "b"})
    return Drifted(resource=resource, status="MODIFIED", differences=differences)


def test_it_says_what_drifted_or_what_nobody_knows():
    assert str(Drift(resources=(drifted(),), template_changed=True)) == (
        "drifted: Orders (arn:Orders), template"
    )
    assert str(Drift(unknown=("Cache",))) == "not known of Cache"
    assert not Drift(unknown=("Cache",)).found
    assert str(Drift()) == "as its template says"


def test_what_a_view_keeps_of_it_stays_small():
    long = Drift(
        resources=(drifted(policy=({"a": "b" * 5_000}, "c" * 5_000), size=(1, 2)),) * 50,
        unknown=("Cache",) * 50,
    )

    kept = long.bounded()

    assert len(kept.resources) == len(kept.unknown) == 20
    assert len(kept.model_dump_json()) < 20_000
    assert kept.resources[0].differences["size"] == (1, 2)


def test_a_stack_that_is_gone_is_all_of_its_drift():
    gone = Drift.of_nothing("pr-7")

    assert gone.found
    assert str(gone) == "drifted: AWS::CloudFormation::Stack (pr-7)"

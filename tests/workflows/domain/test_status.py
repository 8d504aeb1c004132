from hypothesis import given
from hypothesis import strategies as st

from tests.builders import build_of
from workflows.domain.phase import Phase
from workflows.domain.status import Outcome, ReleaseStatus, RollbackView, TargetView
from workflows.domain.undo import Undo, Undone
from workflows.domain.values import Artifact, Target


def an_undone(failure):
    undo = Undo(subject="checkout@production", method="remove_version", ask={}, sentence="undo")
    return Undone(undo=undo, failure=failure)


@given(st.lists(st.none() | st.text(min_size=1)))
def test_differences_are_exactly_what_failed_in_its_order(failures):
    view = RollbackView(undone=tuple(map(an_undone, failures)))

    assert [done.failure for done in view.differences] == [f for f in failures if f is not None]


def test_people_and_pipelines_read_camel_case():
    status = ReleaseStatus(release="release/shop/1", name="shop", requested_by="carl")

    written = status.model_dump(mode="json")

    assert written["requestedBy"] == "carl"
    assert written["exposure"]["weightAsked"] == 0
    assert written["phase"] == "Planned"


def test_a_status_comes_back_from_the_wire_as_it_went():
    view = TargetView(
        target=Target(service="checkout", environment="production"),
        artifact=Artifact(service="checkout", version="v2", digest=build_of("checkout", "v2")),
    )
    status = ReleaseStatus(release="release/shop/1", name="shop", targets=(view,))

    assert ReleaseStatus.model_validate_json(status.model_dump_json()) == status


def test_an_older_reader_ignores_what_a_newer_writer_added():
    outcome = Outcome.model_validate({"phase": "Healthy", "reason": "well", "novelty": 1})

    assert outcome.phase is Phase.HEALTHY

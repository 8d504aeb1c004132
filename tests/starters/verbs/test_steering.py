"""What a voter sees before and after, and what is refused before anything is sent."""

import json

import pytest

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.output import OutputFormat
from starters.verbs import steering
from tests.builders import build_of
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import GateView, ReleaseStatus, TargetView
from workflows.domain.values import Artifact, Target, digest_of, short

DIGEST = digest_of("what was decided")
OLD, NEW = build_of("checkout", "v1"), build_of("checkout", "v2")
STATUS = ReleaseStatus(
    release="release/shop/1",
    name="shop",
    summary="a better checkout",
    requested_by="carl",
    phase=Phase.AWAITING_APPROVAL,
    decision_digest=DIGEST,
    targets=(
        TargetView(
            target=Target(service="checkout", environment="production"),
            artifact=Artifact(service="checkout", version="v2", digest=NEW),
            replaces=OLD,
        ),
    ),
)
STILL_OPEN = GateView(environment="production", decision="open", missing=("product",))


@pytest.fixture
def cast(unconnected, monkeypatch):
    """Vote on a release of this status; the ballots that were sent."""
    sent = []

    async def vote(client, release, ballot):
        sent.append(ballot)
        return STILL_OPEN

    def cast(status=STATUS, *, digest=None, output=OutputFormat.TEXT):
        unconnected("steering", find="release/shop/1", read=status)
        monkeypatch.setattr("starters.steering.vote", vote)
        steering.vote(
            "shop", approved=True, by="ana", note="read it", digest=digest, output=output
        )
        return sent

    return cast


def test_it_shows_old_and_new_and_votes_on_what_it_shows(cast, capsys):
    (ballot,) = cast()

    page = capsys.readouterr().out
    assert f"checkout@production  {short(OLD)} → v2 {short(NEW)}" in page
    assert f"digest {DIGEST}" in page
    assert "gate of production: open; still needs product" in page
    assert (ballot.voter, ballot.digest, ballot.assurance) == ("ana", DIGEST, "asserted")


def test_a_digest_that_was_given_is_voted_on_instead(cast):
    (ballot,) = cast(digest=NEW)

    assert ballot.digest == NEW


def test_a_digest_that_is_none_is_a_mistake(cast):
    with pytest.raises(CommandFailed, match="expected sha256: and 64") as failed:
        cast(digest="9c1e")

    assert failed.value.code == ExitCode.USAGE


def test_nothing_can_be_voted_on_before_there_is_a_plan(cast):
    with pytest.raises(CommandFailed, match="nothing is planned yet") as failed:
        cast(STATUS.model_copy(update={"decision_digest": None}))

    assert failed.value.code == ExitCode.DENIED


def test_as_json_the_vote_and_the_gate_are_all_that_is_printed(cast, capsys):
    cast(output=OutputFormat.JSON)

    said = json.loads(capsys.readouterr().out)
    assert said["vote"]["voter"] == "ana"
    assert said["gate"]["missing"] == ["product"]


@pytest.mark.parametrize("word", ["abort", "rollback"])
def test_a_reason_of_spaces_is_none(word):
    with pytest.raises(CommandFailed, match="needs a --reason"):
        steering.tell("shop", word, by="ana", reason="  ")

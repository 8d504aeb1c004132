"""Looking again and again, also while nobody answers."""

from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from starters.failures import NobodyAnswers
from starters.watching import looks
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import ReleaseStatus

AT_ONCE = timedelta(0)


def at(phase):
    return ReleaseStatus(release="release/shop/1", name="shop", phase=phase)


@pytest.fixture
def answers(monkeypatch):
    """What each question gets, in order: a status, or an error."""

    def these(*found):
        waiting = list(found)

        async def read(client, release):
            answer = waiting.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr("starters.watching.read", read)
        return waiting

    return these


async def seen(**options):
    return [look async for look in looks(None, "release/shop/1", every=AT_ONCE, **options)]


async def test_it_ends_with_the_release(answers):
    answers(at(Phase.PROGRESSING), at(Phase.HEALTHY), at(Phase.HEALTHY))

    assert [look.status.phase for look in await seen()] == [Phase.PROGRESSING, Phase.HEALTHY]


async def test_it_ends_where_only_people_can_help(answers):
    answers(at(Phase.ROLLING_BACK), at(Phase.ROLLBACK_INCOMPLETE), at(Phase.ROLLED_BACK))

    assert (await seen())[-1].status.phase == Phase.ROLLBACK_INCOMPLETE


async def test_it_ends_at_a_phase_that_it_was_told_to_stop_at(answers):
    answers(at(Phase.AWAITING_APPROVAL), at(Phase.HEALTHY))

    assert len(await seen(stop_at=frozenset({11}))) == 1


async def test_a_worker_or_server_that_is_away_is_a_notice_and_is_asked_again(answers):
    gone = RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")
    answers(NobodyAnswers("no worker answers"), gone, at(Phase.HEALTHY))

    absent, unreachable, last = await seen()

    assert absent.notice == "no worker answers"
    assert "Temporal does not answer (connection refused)" in unreachable.notice
    assert last.status.phase == Phase.HEALTHY

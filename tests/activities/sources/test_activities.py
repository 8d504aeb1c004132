from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.sources import FakeSources
from workflows.domain.errors import Unavailable
from workflows.domain.risk.asking import PagerAsk, SourceAsk
from workflows.domain.risk.facts import Author, LineCoverage
from workflows.domain.values import Provider, digest_of
from workflows.ports.sources import ReadChange, ReadOnCall

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MONO, ONE, OTHER = (Provider(type="fake", connection=n) for n in ("mono", "one", "other"))
ANA = Author(name="ana", email="ana@example.org")
REPORT = b"SF:ledger/posting.py\nDA:1,1\nDA:2,0\nend_of_record\n"


@pytest.fixture
def sources():
    return FakeSources()


def two_commits(sources):
    repository = sources.repository(MONO)
    base = repository.commit({"ledger/posting.py": "a\n"}, at=NOON, authors=(ANA,))
    head = repository.commit({"ledger/posting.py": "a\nb\n"}, at=NOON, authors=(ANA,))
    return SourceAsk(service="ledger", repository=MONO, base=base, head=head)


def read(sources, *asks):
    return sources.read_change(ReadChange(sources=asks))


def test_each_source_is_read_with_the_report_of_its_coverage(sources):
    ask = two_commits(sources)
    sources.reports[digest_of(REPORT)] = REPORT

    found = read(sources, ask.model_copy(update={"coverage": digest_of(REPORT)}))

    assert found.unknown == ()
    assert found.sources[0].coverage == LineCoverage(lines=1, covered=0)


def test_a_source_that_is_not_there_leaves_the_others_known(sources):
    ask = two_commits(sources)
    gone = ask.model_copy(update={"service": "cards", "head": "v9"})

    found = read(sources, ask, gone)

    assert [source.service for source in found.sources] == ["ledger"]
    (unknown,) = found.unknown
    assert str(unknown) == "cards: no branch or tag of the repository leads to v9"


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (None, "no report is kept as"),
        (b"another file", "is not believed"),
        (b"SF:x\n", None),
    ],
)
def test_a_report_that_cannot_be_believed_leaves_the_commits_known(sources, kept, why):
    ask = two_commits(sources)
    digest = digest_of(kept) if kept == b"SF:x\n" else digest_of(REPORT)
    if kept is not None:
        sources.reports[digest] = kept

    found = read(sources, ask.model_copy(update={"coverage": digest}))

    assert found.sources[0].coverage is None
    (unknown,) = found.unknown
    assert unknown.what == "coverage of ledger"
    assert (why or "tells of no line") in unknown.why


def test_a_repository_that_does_not_answer_is_asked_again_later(sources):
    ask = two_commits(sources)
    sources.repository(MONO).down = True

    with pytest.raises(Unavailable):
        read(sources, ask)


def pager(service="ledger", *, known_as="P1", provider=ONE, schedule=None, zone="UTC"):
    return PagerAsk(
        service=service, pager=provider, known_as=known_as, schedule=schedule, time_zone=zone
    )


def on_call(sources, *asks):
    return sources.read_on_call(ReadOnCall(pagers=asks, at=NOON))


def test_pages_of_three_days_and_the_shift_are_read(sources):
    one = sources.pager(ONE)
    one.paged["P1"] = [NOON - timedelta(hours=h) for h in (1, 10, 71, 73)]
    one.shifts["S1"] = [NOON - timedelta(hours=30), NOON - timedelta(hours=6)]

    (found,) = on_call(sources, pager(schedule="S1")).on_call

    assert (found.pages_24h, found.pages_72h, found.nights_woken) == (2, 3, 1)
    assert found.on_since == NOON - timedelta(hours=6)


def test_nights_are_those_of_the_time_zone(sources):
    sources.pager(ONE).paged["P1"] = [NOON - timedelta(hours=16)]

    (there,) = on_call(sources, pager(zone="Asia/Tokyo")).on_call
    (here,) = on_call(sources, pager()).on_call

    assert (there.nights_woken, here.nights_woken) == (1, 0)


def test_a_schedule_that_is_not_there_leaves_the_other_services_known(sources):
    found = on_call(sources, pager(), pager("cards", provider=OTHER, schedule="S9"))

    assert [one.service for one in found.on_call] == ["ledger"]
    assert str(found.unknown[0]) == "cards: the pager knows no schedule S9"


def test_a_pager_that_does_not_answer_is_asked_again_later(sources):
    sources.pager(ONE).down = True

    with pytest.raises(Unavailable):
        on_call(sources, pager())

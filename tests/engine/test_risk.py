"""Class and risk of releases that really run, what came of them, and what is owed afterwards."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.common import SearchAttributeKey

from starters.exit_codes import ExitCode
from tests.builders import a_catalog, a_release, a_service, an_order
from tests.workflows.domain.risk.worlds import factors, hot
from workflows.domain.admission.change import ChangeClass
from workflows.domain.names import Attribute
from workflows.domain.release.outcomes import Brought, EndedRelease, Profile
from workflows.domain.release.phase import Phase
from workflows.domain.risk.earned import Ending
from workflows.domain.risk.facts import Author
from workflows.domain.risk.score import RiskLevel
from workflows.domain.spec import RiskModelSpec
from workflows.domain.values import Provider, Target, digest_of
from workflows.ports.outcomes import ReadStanding

CHECKOUT = Target(service="checkout", environment="production")
MONO = Provider(type="fake", connection="mono")
DUTY = Provider(type="fake", connection="duty")
ANA = Author(name="ana", email="ana@example.org")
KNOWN = {
    "repository": MONO.model_dump(),
    "onCall": {**DUTY.model_dump(), "schedule": "S1"},
}
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def v1(world):
    world.serve(CHECKOUT, "v1")
    world.sources.pager(DUTY).shifts["S1"] = [NOW - DAY]


def written(world, *, files=None, **change):
    """A release whose two commits are in the repository, and whose pager is known."""
    repository = world.sources.repository(MONO)
    base = repository.commit({"checkout/cart.py": "a\n"}, at=NOW - DAY, authors=(ANA,))
    changed = files or {"README.md": "words\n"}
    head = repository.commit(changed, at=NOW, authors=(ANA,))
    service = {**a_service("checkout"), "source": {"base": base, "head": head}}
    release = a_release(service)
    release["spec"]["change"].update(change)
    return release, head


def order(world, *, gated=False, **change):
    release, _ = written(world, **change)
    catalog = a_catalog(
        services=("checkout",),
        service=KNOWN,
        gated=gated,
        needs=({"role": "sre", "count": 2},),
    )
    return an_order(release, catalog)


async def test_what_a_release_brought_and_risked_is_filed_when_it_stays(start, world, v1):
    release, head = written(world)
    started = await start(an_order(release, a_catalog(services=("checkout",), service=KNOWN)))

    await started.result()

    (filed,) = world.outcomes.ended
    assert filed.ending is Ending.KEPT
    assert filed.profile.brought == (Brought(service="checkout", head=head, paths=("README.md",)),)
    assert filed.profile.factors.unknown == ()
    risk = SearchAttributeKey.for_keyword(Attribute.RISK)
    described = await started.handle.describe()
    assert described.typed_search_attributes[risk] == filed.profile.level


async def test_a_release_that_was_turned_back_costs_its_pattern_the_standing(start, world, v1):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    started = await start(order(world))

    await started.result()

    (filed,) = world.outcomes.ended
    assert filed.ending is Ending.FAILED
    ask = ReadStanding(
        pattern=filed.profile.pattern,
        services=("checkout",),
        model=RiskModelSpec(),
        at=datetime.now(UTC),
    )
    assert world.outcomes.read_standing(ask).failed_release == started.handle.id
    assert [e.action for e in world.recorded(started.handle.id)].count("record_outcome") == 1


async def test_a_release_that_is_refused_says_nothing_of_any_other(start, world, v1):
    release, _ = written(world)
    release["spec"]["services"][0]["name"] = "nobody"
    started = await start(an_order(release, a_catalog(services=("checkout",))))

    outcome = await started.result()

    assert outcome.phase == Phase.DENIED
    assert world.outcomes.ended == []


async def test_a_repository_that_is_not_there_makes_it_risky_and_does_not_stop_it(
    start, world, v1
):
    release, _ = written(world)
    release["spec"]["services"][0]["source"]["head"] = "v9"
    started = await start(an_order(release, a_catalog(services=("checkout",), service=KNOWN)))

    outcome = await started.result()

    (filed,) = world.outcomes.ended
    assert outcome.phase == Phase.HEALTHY
    assert not filed.profile.low
    assert filed.profile.factors.churn is None


async def test_a_ledger_that_takes_no_outcome_leaves_it_over_and_keeps_the_release(
    start, world, v1
):
    """What is kept is not put back because nobody could write it down."""
    world.outcomes.refusing = True

    outcome = await (await start(order(world))).result()

    assert outcome.phase == Phase.HEALTHY
    assert any("file that" in left for left in outcome.leftovers)


def an_ended(number, *, phase=Phase.HEALTHY, within=None, days=1, known=None):
    return EndedRelease(
        release=f"release/old/{number}",
        run=f"r{number}",
        requested_by="carl",
        ended_at=datetime.now(UTC) - days * DAY,
        phase=phase,
        touched=True,
        profile=Profile(
            pattern=digest_of("pattern"),
            pattern_sentence="checkout:code by production:canary",
            change_class=ChangeClass.EMERGENCY if within else ChangeClass.NORMAL,
            score=4,
            level=RiskLevel.LOW,
            low=True,
            model=digest_of("model"),
            factors=known or factors(),
            brought=(Brought(service="checkout"),),
            retrospective_within=within,
        ),
    )


async def test_an_overdue_retrospective_blocks_the_next_release_until_somebody_closes_it(
    start, world, v1, lockgate
):
    emergency = an_ended(1, within=DAY, days=3)
    world.outcomes.ended.append(emergency)

    blocked = await (await start(order(world))).result()

    assert blocked.phase == Phase.DENIED
    assert "the retrospective of release/old/1 was due at" in blocked.reason
    assert "`lockgate retrospective close release/old/1 --finding …`" in blocked.reason

    _, listed, _ = await lockgate("retrospective", "list")
    assert "OVERDUE by" in listed
    own, _, said = await lockgate(
        "retrospective", "close", "old", "--finding", "it was the pool", "--by", "carl"
    )
    assert own == ExitCode.DENIED
    assert "carl asked for release/old/1: somebody else must look into it" in said
    code, out, _ = await lockgate(
        "retrospective", "close", "release/old/1", "--finding", "it was the pool", "--by", "ana"
    )
    assert code == ExitCode.OK
    assert out == "release/old/1: retrospective closed by ana\n"

    kept = await (await start(order(world))).result()

    assert kept.phase == Phase.HEALTHY


async def test_an_emergency_needs_two_people_now_and_owes_a_retrospective_by_a_deadline(
    start, world, v1, lockgate
):
    emergency = {"class": "emergency", "incident": "INC-7"}
    started = await start(order(world, gated=True, **emergency))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    for name in ("ana", "ben"):
        await lockgate("approve", started.handle.id, "--by", name)

    outcome = await started.result()

    assert outcome.phase == Phase.HEALTHY
    (filed,) = world.outcomes.ended
    assert filed.profile.change_class is ChangeClass.EMERGENCY
    assert filed.owes.due_at == filed.ended_at + 3 * DAY


async def test_an_emergency_that_one_person_could_let_through_is_refused(start, world, v1):
    emergency = {"class": "emergency", "incident": "INC-7"}
    release, _ = written(world, **emergency)
    catalog = a_catalog(services=("checkout",), service=KNOWN, gated=True)

    outcome = await (await start(an_order(release, catalog))).result()

    assert outcome.phase == Phase.DENIED
    assert "class emergency for 2 people" in outcome.reason


async def test_a_file_is_explained_as_it_would_be_now(world, worker, v1, lockgate, tmp_path):
    release, _ = written(world, files={"checkout/cart.py": "b\n"})
    place = write(tmp_path, release)

    code, out, _ = await lockgate("risk", "explain", place, "--by", "carl")

    assert code == ExitCode.OK
    lines = out.splitlines()
    assert lines[0].startswith("shop  class normal (auto)  risk ")
    assert lines[1].startswith("  why: base 10  ")
    assert "unknown coverage of checkout: no coverage report is attested for it" in lines[1]
    assert any("0 of 5 clean runs of its pattern" in line for line in lines)
    assert any("the matrix sees risk unassessed, not calibrated" in line for line in lines)

    _, printed, _ = await lockgate("risk", "explain", place, "--by", "carl", "-o", "json")
    told = json.loads(printed)
    points = told["risk"]["points"]
    assert told["class"] == "normal"
    assert told["risk"]["gatingLevel"] == "unassessed"
    assert sum(point["points"] for point in points) == told["risk"]["total"]


def write(folder, release):
    """The release and a catalog as files."""
    catalog = a_catalog(services=("checkout",), service=KNOWN)
    kinds = {
        "services": "Service",
        "environments": "Environment",
        "strategies": "Strategy",
        "analysisTemplates": "AnalysisTemplate",
        "policies": "Policy",
        "people": "Person",
    }
    documents = [
        {
            "apiVersion": "lockgate.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": spec,
        }
        for key, kind in kinds.items()
        for name, spec in catalog[key].items()
    ]
    (folder / "catalog").mkdir()
    text = "---\n".join(json.dumps(one) + "\n" for one in documents)
    (folder / "catalog" / "all.yaml").write_text(text, encoding="utf-8")
    (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
    return str(folder / "release.yaml")


async def test_a_release_is_explained_as_it_was_ruled(start, world, v1, lockgate):
    started = await start(order(world))
    await started.result()

    code, out, _ = await lockgate("risk", "explain", started.handle.id)

    assert code == ExitCode.OK
    assert out.startswith(f"{started.handle.id}  class normal (auto)  risk low ")


async def test_scores_are_held_against_what_came(world, worker, lockgate, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = await lockgate("risk", "calibrate")
    assert code == ExitCode.NOT_READY
    assert out == "0 outcomes, 0 of them failed\nnot calibrated: 0 of 50 outcomes known\n"

    for number in range(60):
        failed = number % 6 == 0
        known = factors(churn=(hot(incidents=6 if failed else number % 3),))
        phase = Phase.ROLLED_BACK if failed else Phase.HEALTHY
        world.outcomes.ended.append(an_ended(number, phase=phase, known=known))

    code, out, _ = await lockgate("risk", "calibrate")

    assert code == ExitCode.OK
    assert "60 outcomes since" in out
    assert "10 of them failed" in out
    assert "calibrated: the matrix may go by it: Brier 0.0" in out
    assert "foretold" in out

    _, printed, _ = await lockgate("risk", "calibrate", "-o", "json")
    told = json.loads(printed)
    assert told["holds"]
    assert told["brier"] < told["baseBrier"]
    assert sum(one["outcomes"] for one in told["reliability"]) == 60

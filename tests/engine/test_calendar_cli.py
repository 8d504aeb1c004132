"""What people type about time, against a server, the ledger's fake and releases that run."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from starters.exit_codes import ExitCode
from starters.files.sample_files import write_sample
from tests.builders import a_catalog, a_release, an_order
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target

CHECKOUT = Target(service="checkout", environment="production")


@pytest.fixture
def lockgate(lockgate, worker):
    return lockgate


@pytest.fixture
def hello(tmp_path, monkeypatch):
    """The sample release with its catalog in the current folder, and a window to add."""
    monkeypatch.chdir(tmp_path)
    write_sample(Path())

    def window(**spec):
        document = {
            "apiVersion": "lockgate.dev/v1alpha1",
            "kind": "ChangeWindow",
            "metadata": {"name": "drill"},
            "spec": spec,
        }
        Path("catalog/drill.yaml").write_text(json.dumps(document), encoding="utf-8")

    return window


def soon(**span):
    return f"{datetime.now(UTC) + timedelta(**span):%Y%m%dT%H%M%SZ}"


async def test_a_freeze_is_declared_listed_and_lifted(lockgate):
    scope = ["--region", "eu-west", "--in-flight", "unwind"]
    code, said, _ = await lockgate(
        "freeze", "add", "peak", "--for", "4h", *scope, "--reason", "peak season"
    )
    _, listed, _ = await lockgate("freeze", "list", "-o", "json")
    again, _, refused = await lockgate("freeze", "add", "peak", "--for", "1h", "--reason", "x")
    _, lifted, _ = await lockgate("freeze", "lift", "peak", "--reason", "it is over")
    _, nothing, _ = await lockgate("freeze", "list")
    _, past, _ = await lockgate("freeze", "list", "--all")
    missing, _, unknown = await lockgate("freeze", "lift", "never", "--reason", "x")

    assert (code, said.startswith("peak freezes regions eu-west until ")) == (ExitCode.OK, True)
    (freeze,) = json.loads(listed)
    assert (freeze["name"], freeze["inFlight"], freeze["declaredBy"]) == ("peak", "unwind", "ana")
    assert again == ExitCode.DENIED
    assert "was declared by ana already: peak season" in refused
    assert lifted.startswith("peak is lifted by ana; ")
    assert nothing == "nothing is frozen\n"
    assert "by ana" in past
    assert (missing, "there is no freeze 'never'" in unknown) == (ExitCode.USAGE, True)


async def test_the_line_is_stopped_and_releases_hear_of_it(lockgate, start, world):
    world.serve(CHECKOUT, "v1")
    _, stopped, _ = await lockgate("stop-the-line", "--reason", "postings are lost")
    started = await start(an_order(a_release(), a_catalog(steps=({"setWeight": 100},))))
    status = await started.until_phase(Phase.FROZEN)
    code, shown, _ = await lockgate("status", started.handle.id)

    deadline = asyncio.get_running_loop().time() + 20
    told = ""
    while "0 releases" in (told or "0 releases"):  # Temporal's search may not show it yet
        assert asyncio.get_running_loop().time() < deadline
        _, told, _ = await lockgate("stop-the-line", "--lift", "--reason", "mended")
    outcome = await started.result()

    assert stopped.startswith("stop-the-line freezes everything until it is lifted; ")
    assert "freeze stop-the-line" in status.blocked_by[0].reason
    assert "postings are lost (declared by ana)" in status.blocked_by[0].reason
    assert code == ExitCode.FROZEN
    assert "Frozen" in shown
    assert outcome.phase == Phase.HEALTHY


async def test_a_freeze_is_set_aside_by_two(lockgate, start, world, monkeypatch):
    world.serve(CHECKOUT, "v1")
    await lockgate("freeze", "add", "peak", "--for", "4h", "--reason", "peak season")
    started = await start(an_order(a_release(), a_catalog(steps=({"setWeight": 100},))))
    await started.until_phase(Phase.FROZEN)
    words = ["override", started.handle.id, "--window", "peak", "--for", "1h", "--reason", "fix"]

    _, first, _ = await lockgate(*words, "--by", "ana")
    code, _, refused = await lockgate(*words, "--by", "carl")
    _, second, _ = await lockgate(*words, "--by", "ben", "-o", "json")

    assert first == "peak still bars it: 1 more must say so\n"
    assert code == ExitCode.DENIED
    assert "carl asked for this release" in refused
    assert json.loads(second)["by"] == ["ana", "ben"]
    assert (await started.result()).phase == Phase.HEALTHY


async def test_next_says_when_and_why_and_exits_with_12_while_it_is_closed(lockgate, hello):
    opened, free, _ = await lockgate("calendar", "next", "release.yaml")
    await lockgate("freeze", "add", "peak", "--for", "4h", "--reason", "peak season")
    closed, frozen, _ = await lockgate("calendar", "next", "release.yaml", "-o", "json")
    offline, _, _ = await lockgate("calendar", "next", "release.yaml", "--offline")

    found = json.loads(frozen)
    assert (opened, closed, offline) == (ExitCode.OK, ExitCode.FROZEN, ExitCode.OK)
    assert ": open; " in free
    assert found["open"] is False
    assert datetime.fromisoformat(found["nextOpen"]) > datetime.now(UTC) + timedelta(hours=3)
    assert "freeze peak" in found["environments"][0]["reason"]


async def test_the_days_ahead_are_simulated(lockgate, hello):
    hello(dtstart=soon(hours=-1), duration="3d", reason="the drill")

    _, text, _ = await lockgate("calendar", "simulate", "release.yaml", "--days", "10")
    _, days, _ = await lockgate(
        "calendar", "simulate", "release.yaml", "--days", "10", "--offline", "-o", "json"
    )

    found = json.loads(days)
    first = [day for day in found if day["environment"] == found[0]["environment"]]
    assert len(first) == 10
    assert [day["slot"] is not None for day in first] == [False, False] + [True] * 8
    assert "the drill" in text
    assert "8 of 10 days" in text


async def test_what_is_ahead_is_listed_with_the_freezes(lockgate, hello):
    hello(dtstart=soon(hours=2), duration="1h", reason="the drill")
    await lockgate("freeze", "add", "peak", "--for", "4h", "--reason", "peak season")

    _, text, _ = await lockgate("calendar", "list", "--days", "2")
    _, alone, _ = await lockgate("calendar", "list", "--days", "2", "--offline", "-o", "json")

    assert text.index("freeze peak") < text.index("ChangeWindow drill")
    assert [one["window"] for one in json.loads(alone)] == ["drill"]

"""Waivers and figures of gates, from the words typed to the exit code."""

import json

import pytest

from starters.exit_codes import ExitCode
from tests.builders import a_catalog, an_order
from workflows.domain.gates.gates import GateRuling
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target

CHECKOUT = Target(service="checkout", environment="production")


@pytest.fixture
async def waiting(start, world):
    world.serve(CHECKOUT, "v1")
    world.decisions.gates["tests"] = GateRuling(
        environment="production", gate="tests", met=False, reason="no tests yet"
    )
    catalog = a_catalog(gated=True)
    guarded = catalog["policies"]["guarded"]
    del guarded["approvals"]["require"]
    guarded["decisionMatrix"] = {"inputs": ["risk"], "rules": [{"require": []}]}
    guarded["gates"] = [{"name": "tests", "waiver": {"roles": ["sre"]}}]
    started = await start(an_order(catalog=catalog))
    await started.until_phase(Phase.AWAITING_EVIDENCE)
    return started


def words(started, by, *more):
    return ("waive", started.handle.id, "--gate", "tests", "--by", by, "--reason", "flaky", *more)


async def test_two_people_waive_a_gate_and_it_is_counted(waiting, lockgate):
    code, out, _ = await lockgate(*words(waiting, "ana"))
    assert (code, out.splitlines()) == (
        0,
        [
            "tests of production: no tests yet",
            "tests of production: counted for ana; it takes one more",
        ],
    )

    code, out, _ = await lockgate(*words(waiting, "ben", "-o", "json"))
    assert json.loads(out)["stands"] is True
    assert (await waiting.result()).phase == Phase.HEALTHY

    code, out, _ = await lockgate("metrics", "gates")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("tests")]
    assert line.split()[1] == "1"
    assert line.split()[5:8] == ["0", "1", "0"]


async def test_a_waiver_that_does_not_count_says_why(waiting, lockgate):
    code, _, err = await lockgate(*words(waiting, "eve"))
    assert code == ExitCode.DENIED
    assert "eve may not waive tests" in err

    code, _, err = await lockgate(*words(waiting, "ana", "--for", "9 weeks"))
    assert code == ExitCode.USAGE
    assert "expected a span of time" in err


async def test_a_gate_that_is_not_waited_at_is_named_with_those_that_are(waiting, lockgate):
    typed = list(words(waiting, "ana"))
    typed[3] = "test"

    code, _, err = await lockgate(*typed)

    assert code == ExitCode.DENIED
    assert "did you mean tests?" in err

import io
import json
import logging
import warnings

import pytest
import structlog
from temporalio.exceptions import ApplicationError

from infra.logging import configure_logging
from workers.expected import tell_briefly
from workflows.domain.errors import TargetMissing


@pytest.fixture
def stream():
    root, activities = logging.getLogger(), logging.getLogger("temporalio.activity")
    before = root.handlers[:], root.level, activities.filters[:]
    written = io.StringIO()
    configure_logging(stream=written)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        tell_briefly()
        yield written
        logging.captureWarnings(capture=False)
    root.handlers[:], activities.filters[:] = before[0], before[2]
    root.setLevel(before[1])
    structlog.reset_defaults()


def cross(cause):
    raise ApplicationError(str(cause)) from cause


def fail(cause):
    try:
        cross(cause)
    except ApplicationError:
        logging.getLogger("temporalio.activity").warning("Completing as failed", exc_info=True)


def test_an_answer_of_the_world_is_one_short_line(stream):
    fail(TargetMissing("no pay@eu"))

    line = json.loads(stream.getvalue())
    assert (line["event"], line["kind"], line["reason"]) == (
        "activity_failed",
        "TargetMissing",
        "no pay@eu",
    )
    assert "exception" not in line


def test_a_bug_keeps_its_trace(stream):
    fail(KeyError("typo"))

    assert json.loads(stream.getvalue())["exception"][0]["exc_type"] == "ApplicationError"


def test_steps_that_are_imported_anew_are_not_warned_of_and_anything_else_is(stream):
    warnings.warn("Module workflows.steps.gate was not intentionally passed", stacklevel=1)
    warnings.warn("Module boto3 was not intentionally passed", stacklevel=1)

    assert "workflows.steps" not in stream.getvalue()
    assert "Module boto3" in json.loads(stream.getvalue())["event"]


def test_calling_it_twice_changes_nothing(stream):
    tell_briefly()
    fail(TargetMissing("no pay@eu"))

    assert len(stream.getvalue().splitlines()) == 1

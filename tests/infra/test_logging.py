import io
import json
import logging

import pytest
import structlog
from temporalio import activity, workflow

from infra.logging import configure_logging


@pytest.fixture(autouse=True)
def undone():
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], _ = before
    root.setLevel(before[1])
    structlog.reset_defaults()


@pytest.fixture
def stream():
    return io.StringIO()


def fail():
    password = "hunter2"
    raise ValueError(len(password))


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_its_keys(stream):
    configure_logging(stream=stream)

    structlog.get_logger("activities.traffic").info("canary_weight_set", canary_percent=25)

    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "canary_weight_set",
        "canary_percent": 25,
        "level": "info",
        "logger": "activities.traffic",
    }


def test_bound_context_reaches_our_lines_and_the_libraries(stream):
    configure_logging(stream=stream)

    with structlog.contextvars.bound_contextvars(release="release/shop/ab", attempt=2):
        structlog.get_logger().info("ours")
        logging.getLogger("library").info("theirs %s", "formatted")

    assert [(line["event"], line["release"], line["attempt"]) for line in lines(stream)] == [
        ("ours", "release/shop/ab", 2),
        ("theirs formatted", "release/shop/ab", 2),
    ]


def test_what_temporals_loggers_attach_becomes_keys_of_our_vocabulary(stream):
    configure_logging(stream=stream)

    logging.getLogger("temporalio.workflow").info(
        "gate_opened",
        extra={
            "stage": "staging",
            "temporal_workflow": {"workflow_id": "release/shop/ab", "attempt": 1, "other": 1},
        },
    )

    (line,) = lines(stream)
    assert (line["event"], line["stage"]) == ("gate_opened", "staging")
    assert (line["workflow"], line["attempt"]) == ("release/shop/ab", 1)
    assert "temporal_workflow" not in line


def test_temporal_does_not_append_its_facts_to_the_event(stream):
    configure_logging(stream=stream)

    assert workflow.logger.workflow_info_on_message is False
    assert activity.logger.activity_info_on_message is False


def test_an_exception_is_structured_on_the_same_line(stream):
    configure_logging(stream=stream)

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("worker_failed")

    (line,) = lines(stream)
    assert line["exception"][0]["exc_type"] == "ValueError"


@pytest.mark.parametrize("json", [True, False])
def test_local_variables_stay_out_of_a_logged_exception(stream, json):
    """They may hold a credential."""
    configure_logging(stream=stream, json=json)

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("worker_failed")

    assert "ValueError" in stream.getvalue()
    assert "'hunter2'" not in stream.getvalue()


def test_a_terminal_gets_text(stream):
    configure_logging(stream=stream, json=False)

    structlog.get_logger("w").info("worker_started", pools=["cloud"])

    assert "worker_started" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_levels_below_the_chosen_one_are_not_written(stream):
    configure_logging(stream=stream, level="WARNING")

    structlog.get_logger().info("chatter")
    logging.getLogger("httpx").warning("heard")

    assert [line["event"] for line in lines(stream)] == ["heard"]

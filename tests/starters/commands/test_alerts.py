"""The options of receiving alerts."""

from pathlib import Path

from workflows.domain.watching.alerting import LabelNames


def test_the_door_is_opened_on_loopback_with_the_usual_labels(typed):
    _, asked = typed("alerts.receive", "alerts", "receive", "--token-file", "token")

    assert (asked["host"], asked["port"]) == ("127.0.0.1", 9095)
    assert asked["token_file"] == Path("token")
    assert asked["names"] == LabelNames()


def test_labels_may_be_called_otherwise(typed):
    words = ("--environment-label", "env", "--service-label", "app", "--arm-label", "cluster")
    _, asked = typed("alerts.receive", "alerts", "receive", "--token-file", "token", *words)

    assert asked["names"] == LabelNames(environment="env", service="app", arm="cluster")

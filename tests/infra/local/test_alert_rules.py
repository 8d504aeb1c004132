"""Rules and routes of the local stack; tests/contract/test_alert_push.py runs them for real."""

from pathlib import Path

from infra.local.alert_rules import PAGING, routes, rules


def test_every_alert_says_whom_it_wakes_and_a_sentence_about_what():
    (group,) = rules()["groups"]

    for rule in group["rules"]:
        assert rule["labels"]["severity"] in PAGING
        assert "{{ $labels.arm }}" in rule["annotations"]["summary"]


def test_alerts_that_page_go_through_the_door_and_all_others_to_nobody():
    told = routes("http://127.0.0.1:1/alerts", Path("/x/token"))
    (paging,) = told["route"]["routes"]
    (_, lockgate) = told["receivers"]

    assert told["route"]["receiver"] == "nobody"
    assert paging == {"receiver": "lockgate", "matchers": ['severity=~"page|critical"']}
    assert lockgate["webhook_configs"][0]["send_resolved"] is True


def test_the_first_of_several_alerts_holds_none_of_the_others_up():
    route = routes("http://127.0.0.1:1/alerts", Path("/x/token"))["route"]

    assert (route["group_by"], route["group_wait"]) == (["..."], "0s")


def test_the_token_is_named_by_its_file():
    (_, lockgate) = routes("http://127.0.0.1:1/alerts", Path("/x/token"))["receivers"]
    shown = lockgate["webhook_configs"][0]["http_config"]["authorization"]

    assert shown == {"type": "Bearer", "credentials_file": "/x/token"}

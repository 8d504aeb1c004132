"""The options of looking at a release."""


def test_status_may_name_no_release_and_exits_with_the_code_of_the_phase(typed):
    code, asked = typed("watching.status", "status", answer=13)

    assert code == 13
    assert asked["args"] == (None,)


def test_watch_hands_over_when_to_stop(typed):
    code, asked = typed(
        "watching.watch", "watch", "shop", "--timeout", "30m", "--fail-on", "11,20", answer=11
    )

    assert code == 11
    assert asked["args"] == ("shop",)
    assert (asked["timeout"], asked["fail_on"]) == ("30m", "11,20")

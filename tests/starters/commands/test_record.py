"""The options of reading what happened."""


def test_events_may_follow(typed):
    _, asked = typed("record.events", "events", "shop", "--follow", "-o", "json")

    assert (asked["args"], asked["follow"], str(asked["output"])) == (("shop",), True, "json")


def test_history_names_its_release(typed):
    _, asked = typed("record.history", "history", "shop")

    assert asked["args"] == ("shop",)

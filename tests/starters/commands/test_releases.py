"""The options of starting and listing releases."""

from tests.builders import an_order


def test_start_hands_over_the_order_of_its_file(typed, monkeypatch):
    order = an_order()
    monkeypatch.setattr("starters.verbs.releases.order_of", lambda *args, **kwargs: order)

    code, asked = typed(
        "releases.start", "start", "r.yaml", "--wait", "--again", "--timeout", "5m", answer=20
    )

    assert code == 20
    assert asked["args"] == (order,)
    assert (asked["wait"], asked["again"], asked["timeout"]) == (True, True, "5m")


def test_a_dry_run_starts_nothing(typed, monkeypatch, capsys):
    order = an_order()
    monkeypatch.setattr("starters.verbs.releases.order_of", lambda *args, **kwargs: order)

    code, asked = typed("releases.start", "start", "r.yaml", "--dry-run")

    assert (code, asked) == (0, {})


def test_list_hands_over_its_conditions(typed):
    _, asked = typed(
        "releases.list_releases", "list", "--phase", "Holding", "--service", "checkout", "--open"
    )

    assert (asked["phase"], asked["service"], asked["environment"]) == (
        "Holding",
        "checkout",
        None,
    )
    assert asked["only_open"] is True

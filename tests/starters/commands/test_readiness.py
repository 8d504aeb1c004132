"""The options of a readiness review."""

from starters.exit_codes import ExitCode


def test_go_names_who_says_so_and_on_which_dossier(typed):
    words = ("readiness", "go", "shop", "--by", "ana", "--dossier", "sha256:1")

    _, asked = typed("readiness.say", *words)

    assert asked["args"] == ("shop",)
    assert (asked["go"], asked["by"], asked["dossier"]) == (True, "ana", "sha256:1")
    assert asked["environment"] is None


def test_no_go_needs_a_note(typed):
    code, asked = typed("readiness.say", "readiness", "no-go", "shop")
    _, told = typed("readiness.say", "readiness", "no-go", "shop", "--note", "pager is down")

    assert (code, asked) == (ExitCode.USAGE, {})
    assert (told["go"], told["note"]) == (False, "pager is down")


def test_show_may_name_an_environment(typed):
    _, asked = typed("readiness.display", "readiness", "show", "shop", "--environment", "prod")

    assert (asked["args"], asked["environment"]) == (("shop",), "prod")

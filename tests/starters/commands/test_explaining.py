"""The options of asking why."""


def test_explain_may_name_no_release_and_exits_with_the_code_of_the_phase(typed):
    code, asked = typed("explaining.explain", "explain", answer=11)

    assert code == 11
    assert asked["args"] == (None,)


def test_explain_hands_over_what_counts_as_failure(typed):
    _, asked = typed("explaining.explain", "explain", "shop", "--fail-on", "10", answer=0)

    assert (asked["args"], asked["fail_on"]) == (("shop",), "10")


def test_can_i_release_names_a_file_and_exits_with_the_answer(typed):
    code, asked = typed(
        "explaining.may_release", "can-i-release", "release.yaml", "--by", "ana", answer=12
    )

    assert code == 12
    assert (str(*asked["args"]), asked["by"]) == ("release.yaml", "ana")

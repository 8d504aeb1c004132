from workflows.domain.rules.finding import Effect, Finding, denials


def finding(effect, **given):
    return Finding(environment="production", policy="prod", effect=effect, message="no", **given)


def test_a_finding_says_where_what_and_which_rule():
    said = finding(Effect.REQUIRE, role="sre", count=2, file="rules/a.rego", line=7)

    assert str(said) == "production: sre x 2: no (rules/a.rego:7)"


def test_only_denials_deny():
    assert denials(finding(effect) for effect in Effect) == ("policy prod denies production: no",)

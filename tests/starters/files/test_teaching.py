import pytest

from starters.files.documents import OPENSLO_KINDS
from starters.files.spec_file import lint_release
from workflows.domain.spec import KINDS

RULES = "catalog/rules.yaml"
SHOP = "catalog/shop.yaml"


@pytest.fixture
def problems_of(spoil, shop):
    """Spoil the file *name*; the problems without the name of the file."""

    def problems_of(name, old, new):
        spoil(name, old, new)
        found = [str(problem) for problem in lint_release(shop / "release.yaml")]
        return [problem.removeprefix(f"{name}:") for problem in found]

    return problems_of


ONE_VERB = (
    "a step has exactly one of setHeaderRoute, setWeight, analysis, synthetic, setFlag, mirror, "
    "bake, pause; this one has"
)
MISTAKES = [
    (
        "setWeight: 10\n",
        'setWeight: "10"\n',
        'setWeight: found "10"; expected a whole number without quotes',
    ),
    ("setWeight: 10\n", "setWeight: ten\n", 'setWeight: found "ten"; expected a whole number'),
    ("setWeight: 10\n", "setWeight: 10.5\n", "setWeight: found 10.5; expected a whole number"),
    ("setWeight: 10\n", "setWeight: 101\n", "setWeight: found 101; expected at most 100"),
    ("setWeight: 10\n", "setWeight: -1\n", "setWeight: found -1; expected at least 0"),
    ("setWeight: 10\n", "weight: 10\n", "weight: is not a field here; did you mean setWeight?"),
    ("tolerance: 0.05", "tolerance: some", 'tolerance: found "some"; expected a number'),
    ("tolerance: 0.05", "tolerance: -1", "tolerance: found -1; expected at least 0"),
    ("tolerance: 0.05", "margin: 0", "margin: found 0; expected more than 0"),
    ("tolerance: 0.05", "tolerance: 1, margin: 1", "margin must be more than tolerance"),
    (
        "duration: 5m",
        "duration: 300",
        (
            "duration: found 300; expected a duration with its unit, such as 30s, "
            "10m, 4h, 7d or 1h30m"
        ),
    ),
    (
        "duration: 5m",
        "duration: PT5M",
        (
            'duration: found "PT5M"; expected a duration with its unit, such as '
            "30s, 10m, 4h, 7d or 1h30m"
        ),
    ),
    (
        "duration: 5m",
        "duration: 5 minutes",
        "duration: '5 minutes' is not a duration such as 30s, 10m, 4h, 7d or 1h30m",
    ),
    ("{duration: 5m}", "5m", 'pause: found "5m"; expected a mapping with the fields duration'),
    (
        "type: errorRatio",
        "type: errorRate",
        (
            'type: found "errorRate"; expected errorRatio or latencyQuantile or ratio or gauge or '
            "count or slo; did you mean errorRatio?"
        ),
    ),
    (
        'match: [{headerName: x-canary, headerValue: {exact: "1"}}]',
        "match: []",
        "match[0]: is missing; expected one item",
    ),
    (
        "headerName: x-canary",
        "headerName: X-Canary",
        (
            'headerName: found "X-Canary"; expected the name of a header in lower '
            "case: a-z, 0-9 and `-`"
        ),
    ),
    ('exact: "1"', "exact: 1", 'exact: found 1; expected text: write "1"'),
    ('exact: "1"', "exact: true", 'exact: found true; expected text: write "true"'),
    ('exact: "1"', "exact: [1]", "exact: found a list; expected text"),
    (
        "{templateName: golden}",
        "golden",
        'templates[0]: found "golden"; expected a mapping with the fields templateName',
    ),
    ("[{templateName: golden}]", "[]", "templates: has 0 items; expected 1 or more"),
    (
        "interval: 1m",
        "interval: 11m",
        "analysis: interval must be at most duration",
    ),
    (
        "templateName: golden",
        "templateName: goldn",
        "templateName: AnalysisTemplate goldn is not in the catalog; did you mean golden?",
    ),
    ("- pause: {duration: 5m}", "- {}", f"steps[3]: {ONE_VERB} 0"),
    ("- pause: {duration: 5m}", "- {pause: {}, setWeight: 20}", f"steps[3]: {ONE_VERB} 2"),
    (
        "    - setWeight: 100",
        "    - setWeight: 90",
        (
            "spec: setWeight: 100 must be the last step but for a bake, once: a release ends on "
            "one version, and beyond it there is no baseline to compare with"
        ),
    ),
    ("spec: {roles: [sre]}", "spec: {roles: []}", "roles: has 0 items; expected 1 or more"),
    (
        "role: sre",
        "role: sree",
        "role: needs 1 of role sree, which no Person in the catalog holds; did you mean sre?",
    ),
    (
        "count: 1",
        "count: 3",
        "role: needs 3 of role sre, which only ana, ben in the catalog holds",
    ),
    (
        "approvals: {require: [{role: sre, count: 1}], expireAfter: 1h}",
        "decisionMatrix: {inputs: [risk], rules: [{risk: lwo, require: []}]}",
        'risk: found "lwo"; expected low or medium or high or unassessed; did you mean low?',
    ),
    (
        "approvals: {require: [{role: sre, count: 1}], expireAfter: 1h}",
        "decisionMatrix: {inputs: [risk], rules: [{risk: [low, hgh], require: []}]}",
        'risk[1]: found "hgh"; expected low or medium or high or unassessed; did you mean high?',
    ),
]


@pytest.mark.parametrize(("old", "new", "problem"), MISTAKES)
def test_a_mistake_in_the_rules_is_explained(problems_of, old, new, problem):
    said = problems_of(RULES, old, new)

    assert len(said) == 1
    assert said[0].endswith(problem)


def test_too_many_items_are_counted(problems_of):
    steps = "[{setWeight: 100}]"
    many = f"[{', '.join(['{setWeight: 1}'] * 50)}, {{setWeight: 100}}]"

    assert problems_of(RULES, steps, many) == [
        "4:15: spec.steps: has 51 items; expected at most 50"
    ]


def test_a_long_text_is_cut_where_it_is_quoted(problems_of):
    (said,) = problems_of(SHOP, "owner: team-shop", f"owner: {'Y' * 500}")

    assert f'found "{"Y" * 60}…"; expected a name' in said


def test_a_list_whose_items_are_refused_is_not_called_empty_too(problems_of):
    """Pydantic counts a list without the items that it refused."""
    said = problems_of(RULES, "steps: [{setWeight: 100}]", 'steps: [{setWeight: "100"}]')

    assert said == [
        '4:28: spec.steps[0].setWeight: found "100"; expected a whole number without quotes'
    ]


def test_what_is_refused_as_yaml_is_not_refused_again_as_a_field(problems_of):
    said = problems_of(RULES, "setWeight: 10\n", "setWeight: on\n")

    assert said == [
        (
            "12:18: spec.steps[1].setWeight: found on without quotes, which YAML "
            "1.1 tools read as "
            'true; write "on"'
        )
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("just text\n", "1:1: expected a document that begins with apiVersion and kind"),
        ("- a\n", "1:1: expected a document that begins with apiVersion and kind"),
        (
            "a: 1\n",
            (
                "1:1: kind: is missing; expected apiVersion: lockgate.dev/v1alpha1 and "
                f"one of {', '.join(kind for kind in KINDS if kind not in OPENSLO_KINDS)}"
            ),
        ),
        (
            "kind: Deployment\n",
            (f'1:7: kind: found "Deployment"; there are: {", ".join(sorted(KINDS))}'),
        ),
        (
            "kind: Person\n",
            "1:1: apiVersion: is missing; required here: apiVersion, metadata, kind, spec",
        ),
    ],
)
def test_what_is_no_document_of_ours_is_explained(shop, text, problem):
    (shop / "catalog" / "x.yaml").write_text(text, encoding="utf-8")

    assert f"catalog/x.yaml:{problem}" in [str(p) for p in lint_release(shop / "release.yaml")]


@pytest.mark.usefixtures("slos")
@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        (
            "slos",
            "duration: 28d",
            "duration: 4 weeks",
            (
                "spec.timeWindow[0].duration: '4 weeks' is not a duration such as 5m, 1h, 28d, "
                "4w or 1M"
            ),
        ),
        (
            "slos",
            "target: 0.999",
            "target: 99.9",
            "spec.objectives[0].target: found 99.9; expected less than 1",
        ),
        ("slos", "indicatorRef:", "indicatorref:", "did you mean indicatorRef?"),
        (
            "slos",
            "budgetingMethod: Occurrences",
            "budgetingMethod: Occurences",
            (
                'budgetingMethod: found "Occurences"; expected Occurrences or Timeslices or '
                "RatioTimeslices; did you mean Occurrences?"
            ),
        ),
        (
            "rules",
            "type: slo, sloRef: checkout-availability",
            "type: slo",
            "spec.metrics[0]: sloRef is required for slo",
        ),
        (
            "rules",
            "type: slo, sloRef",
            "type: errorRatio, sloRef",
            "spec.metrics[0]: sloRef does not belong to errorRatio",
        ),
        (
            "rules",
            "type: slo,",
            "type: slo, direction: decrease,",
            "direction does not belong to slo: its document says what is worse",
        ),
    ],
)
def test_a_mistake_in_an_objective_or_its_use_is_explained(problems_of, name, old, new, problem):
    said = problems_of(f"catalog/{name}.yaml", old, new)

    assert any(one.endswith(problem) for one in said), said

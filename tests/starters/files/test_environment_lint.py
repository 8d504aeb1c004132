"""Environment templates beside the CloudFormation templates that they name."""

from pathlib import Path

import pytest

from starters.files.catalog import read_catalog
from starters.files.environment_lint import unmet
from starters.files.stack_template import read_stack_template
from tests.starters.files.previews import PREVIEW, STACK


@pytest.fixture
def preview(tmp_path, monkeypatch):
    """A catalog with one environment template; its files may be changed before it is read."""
    (tmp_path / "catalog" / "templates").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def read(*, was="", now="", stack_was="", stack_now=""):
        assert was in PREVIEW
        assert stack_was in STACK
        spec = PREVIEW.replace(was, now, 1) if was else PREVIEW
        stack = STACK.replace(stack_was, stack_now, 1) if stack_was else STACK
        Path("catalog/preview.yaml").write_text(spec, encoding="utf-8")
        Path("catalog/templates/preview.yaml").write_text(stack, encoding="utf-8")
        reading = read_catalog(Path("catalog"))
        return [str(p) for p in reading.problems], [str(w) for w in reading.warnings]

    return read


def test_a_template_in_order_has_nothing_to_be_told(preview):
    assert preview() == ([], [])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"was": "    Size: {allowed", "now": "    Siz: {allowed"},
            (
                "catalog/preview.yaml:9:5: spec.parameters.Siz: is no parameter of "
                "templates/preview.yaml; did you mean Size?"
            ),
        ),
        (
            {"was": "[small, large], default: small", "now": "[small, huge], default: small"},
            (
                "catalog/preview.yaml:9:29: spec.parameters.Size.allowed[1]: 'huge' is none of "
                "AllowedValues: small, large (catalog/templates/preview.yaml:2:3)"
            ),
        ),
        (
            {"was": "{allowed: [small, large], default: small}", "now": "{default: tiny}"},
            (
                "catalog/preview.yaml:9:21: spec.parameters.Size.default: 'tiny' is none of "
                "AllowedValues: small, large (catalog/templates/preview.yaml:2:3)"
            ),
        ),
        (
            {"stack_was": "Resources", "stack_now": "  Key: {Type: String}\nResources"},
            (
                "catalog/preview.yaml:9:5: spec.parameters: Key has no default "
                "(catalog/templates/preview.yaml:3:3): let it be chosen, or give it a default"
            ),
        ),
        (
            {
                "was": "    Size: {allowed",
                "now": "    Key: {}\n    Size: {allowed",
                "stack_was": "Resources",
                "stack_now": "  Key: {Type: String, NoEcho: true}\nResources",
            },
            (
                "catalog/preview.yaml:9:10: spec.parameters.Key: a NoEcho parameter would stand "
                "in the history of every request: let the template read the secret itself, with "
                "{{resolve:secretsmanager:...}}"
            ),
        ),
        (
            {"was": "[1h, 24h]", "now": "[1h, 3d]"},
            (
                "catalog/preview.yaml:10:51: spec.lease.warnBefore[1]: 3d is not shorter than "
                "ttl, 3d"
            ),
        ),
        (
            {"was": "ttl: 3d, longest: 14d, warnBefore: [1h, 24h]", "now": "ttl: 4h, longest: 4h"},
            (
                "catalog/preview.yaml:10:16: spec.lease.ttl: is 4h, and warnBefore is 24h unless "
                "it is written: write a shorter one"
            ),
        ),
        (
            {"was": "  prices:", "now": "  teardown: {snapshots: [Order]}\n  prices:"},
            (
                "catalog/preview.yaml:11:26: spec.teardown.snapshots[0]: Order is no resource of "
                "templates/preview.yaml; did you mean Orders?"
            ),
        ),
        (
            {"was": "by: Size", "now": "by: Sizes"},
            (
                "catalog/preview.yaml:14:37: spec.prices.resources[1].by: Sizes is no parameter "
                "of templates/preview.yaml; did you mean Size?"
            ),
        ),
        (
            {"was": "large: 0.2}", "now": "large: 0.2, huge: 1}"},
            (
                "catalog/preview.yaml:14:86: spec.prices.resources[1].perHourBy.huge: Size is "
                "never 'huge': it is small, large"
            ),
        ),
        (
            {"stack_was": 'Uploads: {Type: "AWS::S3::Bucket"}', "stack_now": "Uploads: {}"},
            (
                "catalog/templates/preview.yaml:4:3: Resources.Uploads: has no Type, such as "
                "AWS::S3::Bucket"
            ),
        ),
    ],
)
def test_what_could_not_be_made_is_named_before_anybody_asks_for_it(preview, changes, problem):
    assert preview(**changes)[0] == [problem]


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        (
            {
                "was": '    - {type: "AWS::S3::Bucket", perHour: 0.01}\n',
                "now": "",
            },
            [
                (
                    "catalog/templates/preview.yaml:4:3: Resources.Uploads: AWS::S3::Bucket has "
                    "no price in EnvironmentTemplate preview: what it costs is unknown, which is "
                    'not zero; perHour: "0" says that it costs nothing'
                )
            ],
        ),
        (
            {"was": ", large: 0.2}", "now": "}"},
            [
                (
                    "catalog/preview.yaml:14:54: spec.prices.resources[1].perHourBy: has no price "
                    "for large: it is unknown then"
                )
            ],
        ),
        (
            {"was": ", default: small", "now": ""},
            [
                (
                    "catalog/preview.yaml:14:37: spec.prices.resources[1].by: the price is "
                    "unknown where nobody chooses Size: give it a default in spec.parameters.Size"
                )
            ],
        ),
        (
            {"stack_was": "Parameters:", "stack_now": "Transform: X\nParameters:"},
            [
                (
                    "catalog/templates/preview.yaml:1:1: Transform: what it makes is not known "
                    "before; its price is unknown, which is not zero"
                )
            ],
        ),
        (
            {
                "stack_was": "small, AllowedV",
                "stack_now": "small, AllowedPattern: '\\p{L}+', AllowedV",
            },
            [
                (
                    "catalog/templates/preview.yaml:2:56: Parameters.Size.AllowedPattern: is a "
                    "pattern that only CloudFormation can read: it is checked there"
                )
            ],
        ),
    ],
)
def test_what_is_not_known_is_a_warning_and_no_problem(preview, changes, warnings):
    assert preview(**changes) == ([], warnings)


def test_a_budget_of_money_is_no_good_while_a_price_is_unknown(preview):
    problems, warnings = preview(
        was="  prices:",
        now="  extension: {money: 50}\n  prices:",
        stack_was="Resources:\n",
        stack_now="Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n",
    )

    assert problems == []
    assert (
        "catalog/preview.yaml:11:22: spec.extension.money: cannot be kept with unknown prices: "
        "every extension will be refused"
    ) in warnings


def test_a_template_that_is_missing_is_told_once(preview):
    problems, _ = preview(was="templates/preview.yaml", now="templates/none.yaml")

    assert len(problems) == 1
    assert "none.yaml: cannot be read: No such file" in problems[0]


def test_parameters_that_a_stack_does_not_take_are_all_named():
    stack, _ = read_stack_template(
        "stack.yaml", STACK.replace("Resources", "  Key: {Type: String}\nResources")
    )

    assert list(unmet(stack, {"Size": "huge", "Other": "1"})) == [
        "parameter Size: 'huge' is none of AllowedValues: small, large",
        "parameter Other: the template has none of this name",
        "parameter Key has no default: choose it",
    ]
    assert list(unmet(stack, {"Size": "large", "Key": "k"})) == []

"""CloudFormation templates as people write them: in YAML with short forms, or as JSON."""

import json
from textwrap import dedent

import pytest

from starters.files.stack_template import (
    LARGEST,
    is_stack_template_file,
    read_stack_template,
)
from tests.environments import STACK


def told(text):
    _, problems = read_stack_template("stack.yaml", dedent(text))
    return [str(problem) for problem in problems]


def test_a_template_declares_parameters_and_resources():
    template, problems = read_stack_template("stack.yaml", STACK)

    assert problems == ()
    assert template.parameters["Size"].allowed == ("small", "large")
    assert template.parameters["Size"].default == "small"
    assert template.resources == {"Uploads": "AWS::S3::Bucket", "Orders": "AWS::SQS::Queue"}
    assert str(template.place_of("Orders")) == "stack.yaml:6:3"


def test_short_forms_are_read_as_the_functions_that_they_stand_for():
    template, problems = read_stack_template(
        "stack.yaml",
        dedent(
            """\
            Parameters: {Big: {Type: String, Default: yes}}
            Conditions: {IsBig: !Equals [!Ref Big, "yes"]}
            Resources:
              Uploads:
                Type: AWS::S3::Bucket
                Condition: IsBig
                Properties:
                  BucketName: !Sub "${AWS::StackName}-uploads"
                  Arn: !GetAtt Orders.Arn
                  Also: !GetAtt [Orders, Arn]
                  Kept: !If [!Condition IsBig, !Ref Orders, !Ref "AWS::NoValue"]
                  Init: !Transform {Name: "AWS::Include", Parameters: {Location: here}}
              Orders: {Type: "AWS::SQS::Queue"}
            """
        ),
    )

    assert problems == ()
    properties = template.written.at(("Resources", "Uploads", "Properties"))
    assert properties["BucketName"] == {"Fn::Sub": "${AWS::StackName}-uploads"}
    assert properties["Kept"] == {
        "Fn::If": [{"Condition": "IsBig"}, {"Ref": "Orders"}, {"Ref": "AWS::NoValue"}]
    }
    assert properties["Init"]["Fn::Transform"]["Name"] == "AWS::Include"
    assert template.parameters["Big"].default == "yes"


def test_json_is_read_even_where_it_is_indented_with_tabs():
    text = json.dumps({"Resources": {"Uploads": {"Type": "AWS::S3::Bucket"}}}, indent="\t")

    template, problems = read_stack_template("stack.json", text)

    assert problems == ()
    assert template.resources == {"Uploads": "AWS::S3::Bucket"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Resources: [", "stack.yaml:1:13: is not YAML"),
        ("", "stack.yaml:1:1: is no CloudFormation template"),
        ("- a", "stack.yaml:1:1: is no CloudFormation template"),
        ("Parameters: {}", "stack.yaml:1:1: Resources: is missing"),
        (
            "Resource: {A: {Type: B}}\nResources: {A: {Type: B}}",
            "stack.yaml:1:1: Resource: is no section of a template; did you mean Resources?",
        ),
        ("Resources: {A: {}}", "stack.yaml:1:13: Resources.A: has no Type"),
        (
            "Parameters: {P: {Default: a}}\nResources: {A: {Type: B}}",
            "stack.yaml:1:14: Parameters.P: has no Type, such as String",
        ),
        ("Resources: {A: {Type: B}}\nOutputs: 3", "stack.yaml:2:1: Outputs: expected a mapping"),
        (
            "Resources: {Abcde: {Type: B, Properties: {C: !Ref Abcd}}}",
            (
                "stack.yaml:1:46: Resources.Abcde.Properties.C: Abcd is no parameter or resource "
                "here; did you mean Abcde?"
            ),
        ),
        (
            "Resources: {A: {Type: B}}\nOutputs: {O: {Value: !GetAtt C.Arn}}",
            "stack.yaml:2:22: Outputs.O.Value: C is no parameter or resource here",
        ),
        (
            "Parameters: {P: {Type: Number, Default: many}}\nResources: {A: {Type: B}}",
            "stack.yaml:1:41: Parameters.P.Default: 'many' is not a number",
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_stands(text, problem):
    assert told(text)[0].startswith(problem)


def test_a_template_that_is_too_large_for_a_call_is_refused():
    text = f"Description: {'x' * LARGEST}\nResources: {{A: {{Type: B}}}}\n"

    (problem,) = told(text)

    assert problem.startswith("stack.yaml:1:1: has 51,")
    assert "at most 51,200" in problem


def test_what_a_transform_makes_is_not_known_so_nothing_is_said_of_its_references():
    text = "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: B, P: !Ref ARole}}"

    template, problems = read_stack_template("stack.yaml", text)

    assert problems == ()
    assert template.unreadable == (("Transform",),)


def test_a_loop_is_no_resource_of_its_own():
    text = (
        "Transform: AWS::LanguageExtensions\n"
        "Resources:\n"
        "  'Fn::ForEach::Each': [T, [a], {'Q${T}': {Type: AWS::SQS::Queue}}]\n"
    )

    template, problems = read_stack_template("stack.yaml", text)

    assert problems == ()
    assert template.resources == {}
    assert ("Resources", "Fn::ForEach::Each") in template.unreadable


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (STACK, True),
        ("Resources: {}\n", True),
        ("apiVersion: v1\nkind: X\nResources: 1\n", False),
        ("spec: {Resources: 1}\n", False),
    ],
)
def test_a_template_is_told_from_a_document_by_its_first_level(tmp_path, text, is_one):
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")

    assert is_stack_template_file(file) is is_one


def test_what_is_no_text_is_no_template(tmp_path):
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00")

    assert not is_stack_template_file(tmp_path / "x.yaml")
    assert not is_stack_template_file(tmp_path / "none.yaml")

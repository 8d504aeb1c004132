from pathlib import Path

import pytest

from starters.files.linting import inspect, lint


def said(*paths, **more):
    return [str(problem) for problem in lint([Path(path) for path in paths], **more)]


def test_a_folder_stands_for_all_files_below_it(shop, spoil):
    assert said(".") == []
    spoil("catalog/rules.yaml", "tolerance: 0.2", "tolerance: 20")
    spoil("release.yaml", "name: staging", "name: stagin")

    problems = said(".")

    assert problems == [
        (
            "catalog/rules.yaml:23:83: spec.metrics[1].compare.tolerance: found 20; expected at "
            "most 10"
        ),
        (
            "release.yaml:15:13: spec.environments[0].name: Environment stagin is not in the "
            "catalog; did you mean staging?"
        ),
    ]
    assert said(str(shop)) == problems
    assert said("release.yaml", "catalog") == problems


def test_a_file_of_a_catalog_is_checked_with_the_whole_catalog(spoil):
    spoil("catalog/shop.yaml", "policyRef: guarded", "policyRef: guard")

    assert said("catalog/rules.yaml") == [
        (
            "catalog/shop.yaml:35:14: spec.policyRef: Policy guard is not in the catalog; did you "
            "mean guarded?"
        )
    ]


def test_hidden_folders_are_not_looked_into(shop):
    (shop / ".lockgate").mkdir()
    (shop / ".lockgate" / "x.yaml").write_text("[", encoding="utf-8")

    assert said(".") == []


def test_what_is_not_there_is_a_problem(shop):
    (shop / "empty").mkdir()

    assert said("none.yaml", "empty") == [
        "empty:1:1: no such file, or a folder without YAML",
        "none.yaml:1:1: no such file, or a folder without YAML",
    ]


def test_a_file_that_says_nothing_is_taken_for_a_release(shop):
    Path("other.yaml").write_text("hello\n", encoding="utf-8")

    assert said("other.yaml") == [
        "other.yaml:1:1: expected a document that begins with apiVersion and kind"
    ]


def test_another_catalog_may_be_named(shop):
    Path("catalog").rename("rules")

    assert said("release.yaml", catalog_dir=Path("rules")) == []


STACK = "Resources: {Uploads: {Type: 'AWS::S3::Bucket'}}\n"
PREVIEW = """\
apiVersion: lockgate.dev/v1alpha1
kind: EnvironmentTemplate
metadata: {name: preview}
spec:
  owner: team-shop
  template: {file: preview-stack.yaml}
  provider: {type: cloudformation, connection: preview}
  lease: {ttl: 3d, longest: 14d}
"""


@pytest.mark.parametrize("place", ["preview-stack.yaml", "stacks/preview-stack.yaml"])
def test_templates_of_a_cloud_are_read_as_such_wherever_they_lie(shop, place):
    (shop / "catalog" / "stacks").mkdir()
    (shop / "catalog" / place).write_text(STACK, encoding="utf-8")
    spec = PREVIEW.replace("preview-stack.yaml", place)
    (shop / "catalog" / "preview.yaml").write_text(spec, encoding="utf-8")

    found = inspect([Path()])

    assert found.problems == ()
    assert [str(warning).split(": ")[1] for warning in found.warnings] == ["Resources.Uploads"]


def test_a_template_of_a_cloud_is_checked_by_itself_where_it_is_named(shop):
    (shop / "stack.yaml").write_text(STACK.replace("Type", "Typ"), encoding="utf-8")

    assert said("stack.yaml") == [
        "stack.yaml:1:13: Resources.Uploads: has no Type, such as AWS::S3::Bucket"
    ]


SCHEDULE = """\
apiVersion: lockgate.dev/v1alpha1
kind: Schedule
metadata: {name: lockgate-mine}
spec:
  why: looks again
  story: SweepWorkflow
  workflowId: sweep-again
  every: 1h
  overlap: skip
  catchup: 1h
  jitter: 1m
"""


def test_a_folder_of_schedules_is_checked_as_what_it_is(shop):
    (shop / "schedules").mkdir()
    file = shop / "schedules" / "mine.yaml"
    file.write_text(SCHEDULE, encoding="utf-8")
    before = said(".")
    file.write_text(SCHEDULE.replace("Sweep", "Swep"), encoding="utf-8")

    assert before == []
    assert said(".") == said("schedules")
    (problem,) = said("schedules")
    assert problem.startswith('schedules/mine.yaml:6:10: spec.story: found "SwepWorkflow"')


def test_a_schedule_does_not_belong_in_a_catalog(shop):
    (shop / "catalog" / "mine.yaml").write_text(SCHEDULE, encoding="utf-8")

    (problem,) = said(".")

    assert problem.startswith("catalog/mine.yaml:2:7: kind: a Schedule does not belong in the")

"""Environments of a catalog that are created for releases, as lint reads them."""

from pathlib import Path

import pytest

from starters.files.catalog import read_catalog
from tests.starters.files.previews import PREVIEW, STACK

STAGE = """\
---
apiVersion: lockgate.dev/v1alpha1
kind: Strategy
metadata: {name: direct}
spec: {steps: [{setWeight: 100}]}
---
apiVersion: lockgate.dev/v1alpha1
kind: Environment
metadata: {name: verification}
spec:
  artifacts: {type: s3, connection: builds}
  platform: {type: process, connection: preview}
  router: {type: envoy, connection: preview}
  metrics: {type: prometheus, connection: preview}
  strategyRef: direct
  createdFrom:
    templateRef: preview
    parameters: {Size: large}
"""


@pytest.fixture
def said(tmp_path, monkeypatch):
    """What is wrong with a catalog of one such stage, with other words for some of its own."""
    (tmp_path / "catalog" / "templates").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def read(**changes):
        texts = {"preview.yaml": PREVIEW, "stage.yaml": STAGE, "templates/preview.yaml": STACK}
        for was, now in changes.items():
            assert any(was in text for text in texts.values())
            texts = {name: text.replace(was, now, 1) for name, text in texts.items()}
        for name, text in texts.items():
            Path("catalog", name).write_text(text, encoding="utf-8")
        return [str(problem) for problem in read_catalog(Path("catalog")).problems]

    return read


def test_one_that_can_be_created_is_in_order(said):
    assert said() == []


@pytest.mark.parametrize(
    ("was", "now", "line", "problem"),
    [
        ("templateRef: preview", "templateRef: pre", "17:18", "EnvironmentTemplate pre is not"),
        ("Size: large", "Size: huge", "18:24", "'huge' is not one of small, large"),
        ("Size: large", "Colour: red", "18:26", "cannot be chosen; the template lets choose"),
        ("  lease: {", "  protected: true\n  lease: {", "17:18", "is protected: a release could"),
    ],
)
def test_what_no_release_could_have_is_told_where_it_is_written(said, was, now, line, problem):
    (found,) = said(**{was: now})

    assert found.startswith(f"catalog/stage.yaml:{line}: spec.createdFrom")
    assert problem in found


def test_a_parameter_that_nobody_chooses_is_missed_before_anything_is_made(said):
    """The template lets it be chosen, and each release of this stage would be refused for it."""
    (found,) = said(**{", default: small": "", " Default: small,": "", "Size: large": ""})

    assert found.endswith("parameter Size has no default: choose it")


def test_a_name_that_no_stack_can_have_is_told_where_it_is_written(said):
    (found,) = said(**{"name: verification": "name: verification.v2"})

    assert found.startswith("catalog/stage.yaml:9:18: metadata.name: 'verification.v2' has a dot")

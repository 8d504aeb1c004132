"""Keys beside the catalog are read when the catalog is."""

import pytest

from starters.files.catalog import read_catalog
from starters.files.sample_files import write_sample
from tests.attesting import a_key, pem_of

POLICY = """
apiVersion: lockgate.dev/v1alpha1
kind: Policy
metadata: {name: shown}
spec:
  approvals: {require: [{role: sre}]}
  signers:
  - name: ci
    keyFile: keys/ci.pem
  criteria:
  - {name: tests, evidence: test-result, signedBy: [ci]}
"""


@pytest.fixture
def problems(tmp_path):
    write_sample(tmp_path)
    folder = tmp_path / "catalog"
    (folder / "keys").mkdir()

    def found(key):
        (folder / "evidence.yaml").write_text(POLICY)
        if key is not None:
            (folder / "keys" / "ci.pem").write_text(key)
        return [
            (problem.place.line, problem.field, problem.message)
            for problem in read_catalog(folder).problems
            if problem.place.file.endswith("evidence.yaml")
        ]

    return found


def test_a_key_in_order_is_no_problem(problems):
    assert problems(pem_of(a_key())) == []


def test_a_file_without_a_key_is_named_where_it_is(problems):
    ((line, field, message),) = problems("hello")

    assert (line, field) == (9, "spec.signers[0].keyFile")
    assert message.startswith("keys/ci.pem: not a public key in PEM")


def test_a_file_that_is_missing_is_named_once(problems):
    ((_, field, message),) = problems(None)

    assert field == "spec.signers[0].keyFile"
    assert "No such file" in message

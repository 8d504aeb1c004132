"""Each kind of evidence: what is enough, and every way in which it is not, in words."""

import json

import pytest

from tests.attesting import BUILDER
from workflows.domain.attestations.figures import (
    AnalysisFigures,
    BenchmarkFigures,
    Bound,
    CaseFigures,
    CoverageFigures,
    MaterialFigures,
    ProvenanceFigures,
    RehearsalFigures,
    ResultCount,
    SignOffFigures,
    SuiteFigures,
    VulnerabilityCount,
)
from workflows.domain.attestations.predicates import Asked, shortfalls
from workflows.domain.spec import CriterionSpec, SignerSpec

CI = SignerSpec(name="ci", transit_key="ci", builders={BUILDER: 3})
ANA = SignerSpec(name="ana", transit_key="ana", person="ana", roles=("security",))


def said(evidence, figures, *, signers=(), requested_by="carl", **fields):
    written = {"name": "it", "evidence": evidence, **fields}
    criterion = CriterionSpec.model_validate_json(json.dumps(written), strict=True)
    return shortfalls(Asked(criterion, "checkout", tuple(signers), requested_by), figures)


def suite(**counts):
    return SuiteFigures(**{"result": "PASSED", "passed": 3, "failed": 0, **counts})


@pytest.mark.parametrize(
    ("figures", "fields", "why"),
    [
        (suite(), {}, ()),
        (suite(skipped=9), {}, ()),
        (suite(passed=0), {}, ("0 tests passed, at least 1 must",)),
        (suite(passed=0), {"minTests": 0}, ()),
        (
            suite(passed=1, skipped=5),
            {"minTests": 2},
            ("1 test passed, at least 2 must, 5 skipped ones do not count",),
        ),
        (suite(skipped=2), {"maxSkipped": 1}, ("2 tests skipped, at most 1 may be",)),
        (suite(result="FAILED", failed=1), {}, ("1 test failed",)),
        (suite(result="FAILED"), {}, ("its result is FAILED",)),
        (suite(result="WARNED"), {}, ("its result is WARNED",)),
        (suite(result="WARNED"), {"result": "WARNED"}, ()),
        (suite(result="FAILED"), {"result": "WARNED"}, ("its result is FAILED",)),
    ],
)
def test_tests_must_pass_and_skipped_ones_did_not(figures, fields, why):
    assert said("test-result", figures, **fields) == why


@pytest.mark.parametrize(
    ("covered", "fields", "why"),
    [
        ((80, 100), {"minLines": "80%"}, ()),
        (
            (79, 100),
            {"minLines": "80%"},
            ("79 of 100 lines covered (79.00%), at least 80.00%",),
        ),
        ((0, 0), {"minLines": 0}, ("the report counts no lines at all",)),
        ((80, 100), {"minBranches": "1%"}, ("the report does not count branches",)),
        ((80, 100, 1, 4), {"minBranches": "25%"}, ()),
        (
            (80, 100, 1, 4),
            {"minBranches": "26%"},
            ("1 of 4 branches covered (25.00%), at least 26.00%",),
        ),
    ],
)
def test_coverage_is_counted_and_what_is_not_counted_is_not_covered(covered, fields, why):
    names = ("lines_covered", "lines", "branches_covered", "branches")
    figures = CoverageFigures(**dict(zip(names, covered, strict=False)))

    assert said("coverage", figures, **fields) == why


def analysis(*results, **more):
    return AnalysisFigures(tool="semgrep", results=results, **more)


NEW = ResultCount(level="error", new=2)
KNOWN = ResultCount(level="error", known=1)
WARNING = ResultCount(level="warning", new=1)


@pytest.mark.parametrize(
    ("figures", "rule", "why"),
    [
        (analysis(), {}, ()),
        (analysis(NEW), {}, ("2 new unsuppressed results of level error",)),
        (analysis(KNOWN), {}, ()),
        (
            analysis(KNOWN),
            {"baselineState": "any"},
            ("1 unsuppressed result of level error",),
        ),
        (analysis(WARNING), {}, ()),
        (
            analysis(WARNING, NEW),
            {"level": "warning"},
            (
                "1 new unsuppressed result of level warning",
                "2 new unsuppressed results of level error",
            ),
        ),
        (
            analysis(incomplete="semgrep did not run to its end"),
            {},
            ("semgrep did not run to its end",),
        ),
    ],
)
def test_new_results_that_nobody_suppressed_fail(figures, rule, why):
    assert said("sarif", figures, fail=rule) == why


def bill(*vulnerabilities, components=5):
    return MaterialFigures(
        format="cyclonedx",
        components=components,
        vulnerabilities=tuple(
            VulnerabilityCount(severity=severity, state=state, count=1)
            for severity, state in vulnerabilities
        ),
    )


@pytest.mark.parametrize(
    ("figures", "fields", "why"),
    [
        (bill(), {}, ()),
        (bill(components=0), {}, ("0 components listed, at least 1",)),
        (bill(("critical", "exploitable")), {}, ()),
        (
            bill(("critical", "exploitable")),
            {"vulnerabilities": {}},
            ("1 vulnerability of severity critical, state exploitable",),
        ),
        (bill(("medium", "exploitable"), ("high", "not_affected")), {"vulnerabilities": {}}, ()),
        (
            bill(("unknown", "unstated")),
            {"vulnerabilities": {"severity": "critical"}},
            ("1 vulnerability of severity unknown, state unstated",),
        ),
        (
            bill(("high", "never_heard_of")),
            {"vulnerabilities": {}},
            ("1 vulnerability of severity high, state never_heard_of",),
        ),
        (
            MaterialFigures(format="spdx", components=5),
            {"vulnerabilities": {}},
            ("it does not say whether there are vulnerabilities",),
        ),
    ],
)
def test_vulnerabilities_count_by_severity_and_state_of_analysis(figures, fields, why):
    assert said("sbom", figures, **fields) == why


def built(**more):
    usual = {
        "builder_id": BUILDER,
        "build_type": "workflow",
        "parameters": {"ref": "main"},
        "sources": ("git+https://github.com/acme/checkout@refs/heads/main",),
    }
    return ProvenanceFigures(**{**usual, **more})


EXPECTED = {
    "signedBy": ["ci"],
    "builderId": BUILDER,
    "minLevel": 3,
    "buildType": "workflow",
    "source": "https://github.com/acme/{service}",
    "externalParameters": {"ref": "main"},
}


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        (built(), ""),
        (built(builder_id="https://evil"), "built by https://evil, expected"),
        (built(builder_id="https://evil"), "level 1 of this builder, level 3 is asked"),
        (built(build_type="shell"), "build type shell, expected workflow"),
        (
            built(sources=()),
            "built from nothing it names, expected https://github.com/acme/checkout",
        ),
        (built(sources=("https://github.com/acme/checkout-evil@x",)), "built from https"),
        (built(sources=("https://github.com/acme/checkout",)), ""),
        (built(parameters={"ref": "evil"}), "external parameter ref is 'evil', expected 'main'"),
        (built(parameters={}), "external parameter ref is missing"),
        (
            built(parameters={"ref": "main", "debug": "true"}),
            "external parameter debug = 'true' is not expected",
        ),
    ],
)
def test_provenance_is_exactly_what_is_expected(figures, why):
    found = said("slsa-provenance", figures, signers=[CI], **EXPECTED)

    assert bool(found) == bool(why)
    assert why in "; ".join(found)


def test_a_signer_is_trusted_for_level_1_where_its_policy_says_no_more():
    nobody = SignerSpec(name="x", transit_key="x")

    assert said("slsa-provenance", built(), signers=[nobody], **{**EXPECTED, "minLevel": 1}) == ()
    assert said("slsa-provenance", built(), signers=[nobody], **EXPECTED)


def measured(name="checkout", *, worsening=0.0, bound=0.02, pairs=20):
    bounds = tuple(Bound(confidence=each, worsening=bound) for each in (0.9, 0.95, 0.99))
    return CaseFigures(name=name, pairs=pairs, worsening=worsening, bounds=bounds)


@pytest.mark.parametrize(
    ("cases", "fields", "why"),
    [
        ((measured(),), {}, ""),
        ((), {}, "it measured nothing"),
        ((measured(bound=None, pairs=2),), {}, "2 pairs, too few to be 95% sure"),
        ((measured(bound=0.06),), {}, "may be worse by more than 5.0%"),
        ((measured(worsening=0.1, bound=0.2),), {}, "is worse by more than 5.0%: measured +10.0%"),
        ((measured(),), {"cases": ["search"]}, "case search was not measured"),
        ((measured(), measured("search", bound=0.3)), {"cases": ["checkout"]}, ""),
        ((measured(bound=0.01),), {"maxRegression": 0}, "may be worse by more than 0.0%"),
    ],
)
def test_a_benchmark_must_show_that_no_case_got_worse(cases, fields, why):
    found = said("benchmark", BenchmarkFigures(cases=cases), **{"maxRegression": "5%", **fields})

    assert bool(found) == bool(why)
    assert why in "; ".join(found)


def rehearsed(**more):
    return RehearsalFigures(**{"tables": 2, "seconds": 60, "succeeded": True, **more})


@pytest.mark.parametrize(
    ("figures", "fields", "why"),
    [
        (rehearsed(), {}, ()),
        (rehearsed(succeeded=False), {}, ("the rehearsal did not succeed",)),
        (rehearsed(tables=0), {}, ("it compared no table",)),
        (rehearsed(rows_differ=("a", "b")), {}, ("row counts differ: a, b",)),
        (rehearsed(checksums_differ=("a",)), {}, ("checksums differ: a",)),
        (rehearsed(unchecked=("a",)), {}, ("no checksum was taken: a",)),
        (rehearsed(seconds=61), {"maxDuration": "1m"}, ("it took 61 s, at most 1m may it take",)),
        (rehearsed(), {"rolledBack": True}, ("its way back was not rehearsed",)),
        (rehearsed(rolled_back=True), {"rolledBack": True}, ()),
    ],
)
def test_a_rehearsal_leaves_every_row_as_it_should_be(figures, fields, why):
    assert said("migration-rehearsal", figures, **fields) == why


@pytest.mark.parametrize(
    ("figures", "requested_by", "why"),
    [
        (SignOffFigures(approved=True), "carl", ()),
        (SignOffFigures(approved=False, note="not yet"), "carl", ("it says no: not yet",)),
        (
            SignOffFigures(approved=True),
            " Ana",
            (" Ana, who asks for the release, signed it",),
        ),
    ],
)
def test_a_sign_off_says_yes_and_is_not_the_requesters_own(figures, requested_by, why):
    found = said(
        "security-sign-off",
        figures,
        signers=[ANA],
        requested_by=requested_by,
        signedBy=["role:security"],
    )

    assert found == why

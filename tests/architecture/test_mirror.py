"""Every source file is tested where one looks for its tests."""

from pathlib import PurePath

from tests.architecture.sources import ROOT, code_lines, sources

SMALL = 15
ELSEWHERE = {
    "workflows/*.py": "a story is tested through its ends, in tests/engine",
    "workflows/steps/*.py": "steps need a workflow around them: tests/engine",
    "workflows/ports/*.py": "declarations; what implements them is tested in tests/activities",
    "workflows/domain/attestations/figures.py": "declarations; readers fill them",
    "workflows/domain/canary/verdict.py": "declarations; told by test_judge.py",
    **dict.fromkeys(
        [
            f"workflows/domain/spec/{part}.py"
            for part in ("__init__", "catalog", "document", "environment", "policy")
        ]
        + ["workflows/domain/spec/service.py"],
        "declarations; tests/starters/files/test_spec_file.py reads files against them",
    ),
    "workflows/domain/spec/schedule.py": "declarations; test_declared.py reads files against them",
    "workflows/domain/release/plan.py": "declarations; test_planning.py compiles them",
    "workflows/domain/admission/facts.py": "declarations; tested with what rules by them",
    "workflows/domain/release/promotion.py": "declarations; tests/engine hands them on",
    "workflows/domain/errors.py": "declarations; test_interceptors.py carries each over the wire",
    "activities/*/__init__.py": "the table of a port's providers; run by the contract suites",
    "activities/identity/issuer.py": "declarations; test_tokens.py verifies by them",
    "activities/*/manager.py": "a Protocol",
    "activities/*/repository.py": "a Protocol",
    "activities/*/router.py": "a Protocol",
    "activities/*/platform.py": "a Protocol",
    "activities/*/provider.py": "a Protocol",
    "activities/*/provisioner.py": "a Protocol",
    "activities/*/source.py": "a Protocol",
    "activities/*/store.py": "a Protocol",
    **dict.fromkeys(
        (
            "starters/audit/audit_sealed.py",
            "starters/planning/facts.py",
            "starters/following.py",
            "starters/audit/history.py",
            "starters/readiness.py",
            "starters/releases.py",
            "starters/starting.py",
            "starters/steering.py",
        ),
        "what it asks of Temporal is asked of a real server, in tests/engine/test_cli.py",
    ),
    "activities/ledger/*_tables.py": "declarations; compared with the revisions in tests/contract",
    "activities/ledger/migrations/versions/*.py": "run on both databases in tests/contract",
    **dict.fromkeys(
        (
            f"starters/environments/{part}.py"
            for part in (
                "beginning",
                "counting",
                "following",
                "listing",
                "places",
                "reclaiming",
                "stories",
            )
        ),
        "asked of a real server, in tests/engine/test_environment_cli.py",
    ),
    "starters/alerts/alert_delivery.py": "told to running ones, in tests/engine/test_alerts.py",
    "starters/timing.py": "on a real server, in tests/engine/test_calendar_cli.py",
    "starters/schedules/temporal.py": "on a real server, in tests/engine/test_schedules.py",
    "starters/schedules/comparing.py": "on a real server, in tests/engine/test_schedules.py",
    "starters/verbs/*.py": "they print what was found: tests/engine/test_cli.py",
}


def test_every_source_file_has_a_test_module_at_the_mirrored_path():
    orphans = [
        path
        for path, tree in sources().items()
        if code_lines(tree) >= SMALL
        and not mirrored(path).exists()
        and not any(PurePath(path).match(pattern) for pattern in ELSEWHERE)
    ]

    assert orphans == []


def test_no_exception_has_outlived_its_file():
    stale = [p for p in ELSEWHERE if not any(PurePath(path).match(p) for path in sources())]

    assert stale == []


def mirrored(path):
    source = PurePath(path)
    return ROOT / "tests" / source.with_name(f"test_{source.name}")

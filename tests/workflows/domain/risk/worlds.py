"""Facts and factors for tests: a calm change of which everything is known, one field at a time."""

from datetime import UTC, datetime, timedelta

from tests.builders import a_catalog, a_release, a_service
from workflows.domain.admission.facts import Facts
from workflows.domain.risk.calibration import calibrated
from workflows.domain.risk.factors import Factors, Migration
from workflows.domain.risk.facts import (
    Author,
    ChangeFacts,
    HotFile,
    LineCoverage,
    OnCall,
    OnCallFacts,
    PathClass,
    SourceChange,
    Standing,
)
from workflows.domain.spec import Catalog, Release
from workflows.domain.spec.risk import CalibrationSpec
from workflows.domain.values import digest_of

TUESDAY_NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
NOT_CALIBRATED = calibrated((), CalibrationSpec())


def on_call(service="ledger", *, today=0, before=0, nights=0, hours=12.0):
    return OnCall(
        service=service,
        pages_24h=today,
        pages_72h=today + before,
        nights_woken=nights,
        on_since=None if hours is None else TUESDAY_NOON - timedelta(hours=hours),
    )


def hot(path="ledger/posting.py", *, commits=0, authors=1, incidents=0):
    return HotFile(path=path, commits=commits, authors=authors, incidents=incidents)


def factors(**changed):
    """All known, and nothing that would worry anybody."""
    return Factors(
        **{
            "churn": (),
            "coverage": LineCoverage(lines=100, covered=100),
            "on_call": (on_call(),),
            "dependants": (),
            "migration": Migration(kind="none"),
            "concurrent": (),
            "at": TUESDAY_NOON,
            **changed,
        }
    )


def a_source(service="ledger", **changed):
    """Two commits that tests cover, in a file of code."""
    return SourceChange(
        **{
            "service": service,
            "repository": "git/monorepo",
            "base": "a" * 40,
            "head": "b" * 40,
            "commits": 2,
            "files": 1,
            "added": 10,
            "removed": 1,
            "authors": (Author(name="Ana", email="ana@example.org"),),
            "classes": (PathClass.CODE,),
            "hot": (hot(),),
            "paths": ("ledger/posting.py",),
            "coverage": LineCoverage(lines=10, covered=10),
            **changed,
        }
    )


def documents(*, services=None, release=None, catalog=None):
    """A release of ledger to production, and the catalog it goes by, as the domain reads them."""
    named = services or ({"name": "ledger"},)
    written = a_release(*({**a_service(one["name"]), **one} for one in named))
    written["spec"]["change"].update(release or {})
    beside = a_catalog(services=tuple(one["name"] for one in named))
    for name, more in (catalog or {}).items():
        beside.setdefault(name, {})
        for key, value in more.items():
            beside[name][key] = {**beside[name].get(key, beside["services"]["ledger"]), **value}
    return Release.model_validate(written).spec, Catalog.model_validate(beside)


def facts(**changed):
    """Facts of a calm change, all of them known."""
    return Facts(
        **{
            "at": TUESDAY_NOON,
            "change": ChangeFacts(sources=(a_source(),)),
            "on_call": OnCallFacts(on_call=(on_call(),)),
            "standing": Standing(pattern=digest_of("no pattern")),
            **changed,
        }
    )

from datetime import UTC, datetime

import pytest

from tests.builders import a_catalog, a_release, an_order, build_of
from tests.workflows.domain.risk.worlds import documents
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.risk.asking import (
    builds_with_source,
    documents_of,
    pagers_of,
    reports_in,
    sources_of,
)
from workflows.domain.values import Provider, digest_of

SOURCE = {"source": {"base": "v1", "head": "v2"}}
MONO = {"repository": {"type": "git", "connection": "mono"}}
DUTY = {
    "onCall": {
        "type": "pagerduty",
        "connection": "duty",
        "service": "PABC",
        "schedule": "PSCH",
        "timeZone": "Europe/Dublin",
    }
}


def ledger(**more):
    return documents(
        services=({"name": "ledger", **SOURCE},), catalog={"services": {"ledger": more}}
    )


def test_commits_are_read_where_the_release_and_the_catalog_say():
    report = digest_of("a report")
    (ask,) = sources_of(*ledger(**MONO), {build_of("ledger", "v2"): report})

    assert ask.repository == Provider(type="git", connection="mono")
    assert (ask.service, ask.base, ask.head) == ("ledger", "v1", "v2")
    assert ask.coverage == report


def test_a_report_about_another_build_is_no_report_of_this_one():
    (ask,) = sources_of(*ledger(**MONO), {build_of("ledger", "v1"): digest_of("a report")})

    assert ask.coverage is None


def test_without_a_source_or_a_repository_nobody_is_asked():
    assert sources_of(*ledger(), {}) == ()
    assert sources_of(*documents(catalog={"services": {"ledger": MONO}}), {}) == ()


def test_a_pager_is_asked_by_its_own_names():
    (ask,) = pagers_of(*ledger(**DUTY))

    assert ask.pager == Provider(type="pagerduty", connection="duty")
    assert (ask.known_as, ask.schedule, ask.time_zone) == ("PABC", "PSCH", "Europe/Dublin")


def test_a_service_goes_by_its_own_name_unless_the_pager_has_another():
    plain = {"onCall": {"type": "prometheus", "connection": "alerts"}}
    (ask,) = pagers_of(*ledger(**plain))

    assert (ask.known_as, ask.schedule, ask.time_zone) == ("ledger", None, "UTC")
    assert pagers_of(*ledger()) == ()


def test_an_order_is_read_as_strictly_as_it_is_admitted():
    assert documents_of(an_order()).services == ("checkout",)


@pytest.mark.parametrize(
    "broken",
    [
        lambda release, _: release["spec"].pop("change"),
        lambda release, _: release["spec"]["services"][0].update(name="nobody"),
        lambda release, _: release["spec"]["environments"][0].update(name="nowhere"),
        lambda _, catalog: catalog.update(policies=7),
        lambda release, _: release["spec"]["change"].update(summary=float("nan")),
    ],
)
def test_of_an_order_that_is_not_in_order_nothing_is_read(broken):
    """Admission names what is wrong with it."""
    order = an_order(a_release(), a_catalog())
    broken(order.release, order.catalog)

    assert documents_of(order) is None


def attested(kind=EvidenceType.COVERAGE, *, day=1, keys=(), flaw=""):
    return Attestation(
        artifact=digest_of("a build"),
        type=kind,
        digest=digest_of(f"{kind} {day} {keys}"),
        at=datetime(2026, 11, day, tzinfo=UTC),
        size=9,
        added_by="ana",
        keys=keys,
        flaw=flaw,
    )


def test_the_newest_report_about_a_build_counts():
    old, new = attested(), attested(day=2)

    assert reports_in([new, old]) == {digest_of("a build"): new.digest}


def test_one_that_a_trusted_key_signed_comes_before_newer_ones():
    signed, later = attested(keys=("ci",)), attested(day=9)

    assert reports_in([signed, later]) == {digest_of("a build"): signed.digest}


def test_what_is_no_report_or_cannot_be_believed_is_left_out():
    assert reports_in([attested(EvidenceType.SBOM), attested(flaw="forged")]) == {}


def test_evidence_is_wanted_about_builds_whose_source_is_named():
    assert builds_with_source(ledger(**MONO)[0]) == (build_of("ledger", "v2"),)
    assert builds_with_source(documents()[0]) == ()

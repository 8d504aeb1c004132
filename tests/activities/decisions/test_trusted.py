import pytest

from activities.decisions.activities import DecisionsActivities
from activities.decisions.trusted import TrustedCatalogs
from infra.rego.process import RegoProcess
from tests.builders import a_catalog, an_order
from workflows.domain.errors import PolicyViolated, Unavailable
from workflows.ports.decisions import AdmitRelease

ORDER = an_order(catalog=a_catalog(gated=True, identity="asserted"))


@pytest.fixture
def listed(tmp_path):
    return tmp_path / "catalogs"


def ruled(listed, order=ORDER):
    decisions = DecisionsActivities(RegoProcess(), trusted=TrustedCatalogs(listed))
    return decisions.admit_release(AdmitRelease(order=order))


def test_a_catalog_that_is_listed_is_ruled_by(listed):
    listed.write_text(f"# main\n{ORDER.catalog_digest}  # of Monday\n")

    assert ruled(listed).plan.name == ORDER.name


def test_whoever_starts_a_release_does_not_bring_a_policy_of_their_own(listed):
    listed.write_text(f"{ORDER.catalog_digest}\n")
    mine = an_order(catalog=a_catalog())

    with pytest.raises(PolicyViolated, match=f"catalog: {mine.catalog_digest} is none that may"):
        ruled(listed, mine)


def test_a_catalog_does_not_pass_under_the_digest_of_another(listed):
    listed.write_text(f"{ORDER.catalog_digest}\n")
    mine = an_order(catalog=a_catalog())

    with pytest.raises(PolicyViolated, match="catalog digest: the order claims"):
        ruled(listed, mine.model_copy(update={"catalog_digest": ORDER.catalog_digest}))


def test_an_empty_list_trusts_none_and_one_that_is_missing_is_asked_for_again(listed):
    with pytest.raises(Unavailable, match="FileNotFoundError"):
        ruled(listed)

    listed.write_text("")

    with pytest.raises(PolicyViolated):
        ruled(listed)

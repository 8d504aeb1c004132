"""What is asked of Temporal is asked of a real server, in tests/engine/test_cli.py."""

import pytest

from starters import doctor
from tests.fakes.identity import CLIENT, FakeIssuer


@pytest.fixture
def issuer(monkeypatch):
    issuer = FakeIssuer()
    monkeypatch.setattr(doctor, "browserless", lambda settings: issuer.client)
    return issuer


@pytest.fixture
def environment(issuer):
    return {"LOCKGATE_OIDC_ISSUER": issuer.url, "LOCKGATE_OIDC_CLIENT_ID": CLIENT}


def test_a_provider_that_answers_is_named(environment, issuer):
    check = doctor.identity_provider(environment)

    assert (check.fine, check.found) == (True, f"people sign in at {issuer.url}")


def test_a_provider_that_is_away_is_told_with_what_to_check(environment, issuer):
    issuer.down = True

    check = doctor.identity_provider(environment)

    assert not check.fine
    assert "does not answer" in check.found
    assert "LOCKGATE_OIDC_ISSUER" in check.remedy


def test_half_a_configuration_is_told(tmp_path):
    assert not doctor.identity_provider({"LOCKGATE_OIDC_ISSUER": "https://id.test"}).fine


def test_without_a_provider_names_are_asserted_and_that_is_fine(tmp_path):
    check = doctor.identity_provider({"LOCKGATE_HOME": str(tmp_path)})

    assert check.fine
    assert "only be asserted" in check.found

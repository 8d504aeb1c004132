import pytest

from infra.local.vault_policies import LEASE_ROLE, POOLS, lease_policy, policy


@pytest.mark.parametrize("pool", POOLS)
def test_every_pool_may_end_its_token_and_encrypt_payloads(pool: str):
    assert 'path "auth/token/revoke-self"' in policy(pool)
    assert 'path "transit/datakey/plaintext/lockgate-payloads"' in policy(pool)


@pytest.mark.parametrize("pool", POOLS)
def test_no_pool_may_administer_or_reach_a_folder_of_folders(pool: str):
    text = policy(pool)

    assert "sudo" not in text
    assert 'path "*"' not in text
    assert "sys/policies" not in text


def test_only_the_data_pool_may_open_leases():
    leasing = {pool for pool in POOLS if f"auth/token/create/{LEASE_ROLE}" in policy(pool)}

    assert leasing == {"data"}


def test_only_a_leases_own_token_reads_the_shops_databases():
    """So that ending the token ends the login, and every login is recorded before it is used."""
    assert not [pool for pool in POOLS if "database/creds/shop" in policy(pool)]
    assert "database/creds/shop-production-read" in lease_policy()
    assert "*" not in lease_policy()


def test_stories_hold_no_credential():
    assert "kv/" not in policy("stories")
    assert "database/" not in policy("stories")
    assert "sys/leases" not in policy("stories")


def test_only_the_journeys_pool_reads_what_synthetic_customers_sign_in_with():
    assert [pool for pool in POOLS if "kv/data/journeys" in policy(pool)] == ["journeys"]
    assert policy("journeys").count("kv/") == 1


def test_only_the_pool_that_keeps_evidence_signs_decisions():
    signing = "transit/sign/lockgate-decisions"

    assert [pool for pool in POOLS if signing in policy(pool)] == ["attestations"]


def test_only_the_notices_pool_reads_the_login_of_the_mail_server():
    assert [pool for pool in POOLS if "kv/data/mail" in policy(pool)] == ["notices"]
    assert policy("notices").count("kv/") == 1

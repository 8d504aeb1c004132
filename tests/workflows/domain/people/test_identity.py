import pytest

from workflows.domain.people.identity import Account, AccountKind, IdentityMap


def an_account(key):
    kind, _, name = key.partition(":")
    return Account(kind=AccountKind(kind), id=name)


PEOPLE = IdentityMap(
    {
        "ana": [an_account("oidc:a1@local"), an_account("git:Ana@Example.com")],
        "ben": [an_account("oidc:b1@local"), an_account("chat:shared")],
        "cyd": [an_account("chat:shared")],
    }
)


@pytest.mark.parametrize(
    ("account", "human"),
    [
        ("oidc:a1@local", "ana"),
        ("git:ana@example.COM", "ana"),
        ("name: Ana ", "ana"),
        ("oidc:b1@local", "ben"),
        ("oidc:A1@local", None),
        ("oidc:a1@other", None),
        ("git:a1@local", None),
        ("chat:shared", None),
        ("name:zoe", None),
        ("name:", None),
    ],
)
def test_an_account_leads_to_one_human_or_to_nobody(account, human):
    """Issuers tell `a1` from `A1`: what somebody may register must not pass for another."""
    assert PEOPLE.human(an_account(account)) == human


def test_an_account_that_two_claim_is_a_problem_with_both_names():
    assert list(PEOPLE.problems()) == [
        "account chat:shared is claimed by ben and cyd: it must belong to one person"
    ]


def test_accounts_of_a_kind_are_told_with_their_humans_and_shared_ones_left_out():
    assert PEOPLE.of_kind(AccountKind.OIDC) == {"oidc:a1@local": "ana", "oidc:b1@local": "ben"}
    assert PEOPLE.of_kind(AccountKind.CHAT) == {}

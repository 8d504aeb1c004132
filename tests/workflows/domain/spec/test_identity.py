import json

import pytest
from pydantic import ValidationError

from workflows.domain.people.duties import Duty
from workflows.domain.people.identity import Account, AccountKind
from workflows.domain.spec.identity import AccountsSpec, SeparationSpec


def separation(**written):
    return SeparationSpec.model_validate_json(json.dumps(written), strict=True).separation


def test_duties_side_by_side_are_one_set_and_lists_are_sets_of_their_own():
    assert separation(distinct=["author", "trigger", "approver"]).distinct == (
        (Duty.AUTHOR, Duty.TRIGGER, Duty.APPROVER),
    )
    assert separation(distinct=[["author", "approver"], ["trigger", "approver"]]).distinct == (
        (Duty.AUTHOR, Duty.APPROVER),
        (Duty.TRIGGER, Duty.APPROVER),
    )


def test_left_out_each_duty_is_apart_from_the_approvers():
    written = separation()

    assert all(written.apart(duty, Duty.APPROVER) for duty in Duty if duty is not Duty.APPROVER)
    assert not written.apart(Duty.AUTHOR, Duty.TRIGGER)
    assert written.unmapped == "deny"


@pytest.mark.parametrize(
    "distinct", [[], ["author"], ["author", "author"], [["author"]], ["writer", "approver"]]
)
def test_what_keeps_nobody_apart_is_refused(distinct):
    with pytest.raises(ValidationError):
        separation(distinct=distinct)


def test_accounts_are_told_with_their_kind():
    accounts = AccountsSpec(oidc=("a1@local",), git=("ana@example.com",), ci=("ana-o@github",))

    assert set(accounts.all) == {
        Account(kind=AccountKind.OIDC, id="a1@local"),
        Account(kind=AccountKind.GIT, id="ana@example.com"),
        Account(kind=AccountKind.CI, id="ana-o@github"),
    }


@pytest.mark.parametrize("written", ["ana", "@local", "ana@Local", "ana @local", "ana@"])
def test_an_account_of_an_issuer_names_the_issuer(written):
    with pytest.raises(ValidationError):
        AccountsSpec(oidc=(written,))

import json

import pytest
from pydantic import ValidationError

from workflows.domain.people.addresses import is_address
from workflows.domain.spec.policy import PersonSpec

GOOD = ["ana@shop.test", "a.b+lockgate@mail.shop.test", "o'neil@xn--bcher-kva.example"]
BAD = [
    "",
    "ana",
    "ana@",
    "@shop.test",
    "ana@shop",
    "ana@shop.test ",
    "ana@shop.test\n",
    "ana@shop.test\r\nBcc: all@shop.test",
    "Ana <ana@shop.test>",
    "ana@shop.test,ben@shop.test",
    '"ana"@shop.test',
    "a..b@shop.test",
    ".a@shop.test",
    "ana@-shop.test",
    "ana@shop..test",
    "ana@[127.0.0.1]",
    "änä@shop.test",
    "a" * 250 + "@shop.test",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_plain_name_at_a_domain_is_an_address(text):
    assert is_address(text)
    assert person(text).email == text


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_none(text):
    assert not is_address(text)
    with pytest.raises(ValidationError, match="email"):
        person(text)


def test_nobody_need_have_one():
    assert PersonSpec.model_validate({"roles": ["sre"]}).email is None


def person(email):
    return PersonSpec.model_validate_json(json.dumps({"roles": ["sre"], "email": email}))

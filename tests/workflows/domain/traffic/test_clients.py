import pytest
from pydantic import ValidationError

from workflows.domain.traffic.clients import Clients


@pytest.mark.parametrize(
    ("kinds", "cookies", "returned"),
    [
        (("browser",), None, True),
        (("browser", "mobile"), None, False),
        (("service",), None, False),
        (("mobile",), True, True),
        (("browser",), False, False),
    ],
)
def test_browsers_return_cookies_unless_it_is_said_otherwise(kinds, cookies, returned):
    assert Clients(rps=1, kinds=kinds, cookies=cookies).return_cookies is returned


@pytest.mark.parametrize("fields", [{}, {"rps": 0}, {"rps": 1, "kinds": ()}, {"rps": 1, "rsp": 2}])
def test_what_says_too_little_or_something_unknown_is_refused(fields):
    with pytest.raises(ValidationError):
        Clients.model_validate(fields)

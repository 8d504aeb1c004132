"""Where people are reached by mail."""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = rf"^{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+$"

EmailAddress = Annotated[str, Field(pattern=_ADDRESS, max_length=254)]
"""A plain `name@domain`: no display name, no quotes, no comment, nothing but ASCII."""

_CHECKED = TypeAdapter(EmailAddress)


def is_address(text: str) -> bool:
    """Whether *text* is an `EmailAddress`, where a message carries it that was not checked."""
    try:
        _CHECKED.validate_python(text)
    except ValidationError:
        return False
    return True

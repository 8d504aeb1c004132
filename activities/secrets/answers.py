"""What the vault answered, in the words of a release."""

from collections.abc import Callable
from typing import TypeVar

import requests
from hvac import exceptions

from workflows.domain.errors import Refused, ReleaseError, TargetMissing, Unavailable

AnswerT = TypeVar("AnswerT")

_AWAY = (
    exceptions.InternalServerError,
    exceptions.VaultNotInitialized,
    exceptions.BadGateway,
    exceptions.VaultDown,
    exceptions.RateLimitExceeded,
    # A status that hvac has no name for: 504 of a proxy, 472 and 473 of a standby.
    exceptions.UnexpectedError,
)


def answered(path: str, ask: Callable[[], AnswerT]) -> AnswerT:
    """The answer to *ask*, which asks the vault for *path*.

    What is raised is chained to nothing: the errors of hvac and requests carry the request, and
    with it the token.

    Raises:
        Unavailable: sealed, unreachable, too slow, or failing.
        Refused: the vault says no: permission denied, unknown role, login not accepted.
        TargetMissing: the vault knows no such path.
    """
    try:
        return ask()
    except requests.RequestException as error:
        problem: ReleaseError = Unavailable(f"vault: {path}: no answer: {type(error).__name__}")
    except exceptions.VaultError as error:
        problem = _in_our_words(path, error)
    raise problem


def _in_our_words(path: str, error: exceptions.VaultError) -> ReleaseError:
    said = " ".join(" ".join(error.errors or [type(error).__name__]).split())
    if isinstance(error, _AWAY):
        return Unavailable(f"vault: {path}: {said}")
    if isinstance(error, exceptions.InvalidPath):
        return TargetMissing(f"vault: {path}: there is nothing")
    return Refused(f"vault: {path}: {said}")

"""What every AWS-backed activity shares: botocore's errors in the release's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
)

from workflows.domain.errors import Refused, ReleaseError, TargetMissing, Unavailable

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""What AWS's services answer when they are asked too often."""
_ASK_AGAIN = THROTTLED | {
    "ConditionalRequestConflict",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
}
_MISSING = {
    "404",
    "InvalidResourceId",
    "NoSuchBucket",
    "NoSuchChange",
    "NoSuchEntity",
    "NoSuchHostedZone",
    "NoSuchKey",
    "NotFound",
    "QueueDoesNotExist",
    "StateMachineDoesNotExist",
}
_MISSING_ENDS = ("NotFound", "NotFoundException", "NotFoundFault", "NonExistentQueue")


@contextmanager
def in_release_words(asking: str) -> Iterator[None]:
    """Translate what botocore raises inside the block; *asking* says what was asked of whom.

    Raises:
        TargetMissing: the error code says that the resource does not exist.
        Unavailable: throttled, a fault on AWS's side, or no answer at all.
        Refused: any other refusal, with AWS's code and message.
    """
    try:
        yield
    except ClientError as error:
        raise _translated(error, asking) from error
    except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable(f"{asking}: no answer: {error}") from error
    except BotoCoreError as error:
        raise Refused(f"{asking}: {error}") from error


def error_code(error: ClientError) -> str:
    """AWS's own name for the error, such as `NoSuchKey`."""
    code: str = error.response.get("Error", {}).get("Code", "")
    return code


def _translated(error: ClientError, asking: str) -> ReleaseError:
    code = error_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    text = f"{asking}: {code}: {error.response.get('Error', {}).get('Message', '')}"
    if code in _ASK_AGAIN or status >= 500:
        return Unavailable(text)
    if code in _MISSING or code.endswith(_MISSING_ENDS):
        return TargetMissing(text)
    return Refused(text)

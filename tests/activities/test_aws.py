import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
)

from activities.aws import error_code, in_release_words
from workflows.domain.errors import Refused, TargetMissing, Unavailable


def client_error(code: str, status: int = 400) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": "because"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "GetObject")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (client_error("SlowDown", 503), Unavailable),
        (client_error("ThrottlingException"), Unavailable),
        (client_error("ExpiredToken"), Unavailable),
        (client_error("Whatever", 500), Unavailable),
        (client_error("NoSuchKey", 404), TargetMissing),
        (client_error("404", 404), TargetMissing),
        (client_error("RepositoryNotFoundException"), TargetMissing),
        (client_error("RuleNotFound"), TargetMissing),
        (client_error("DBClusterNotFoundFault", 404), TargetMissing),
        (client_error("AWS.SimpleQueueService.NonExistentQueue"), TargetMissing),
        (client_error("NoSuchEntity", 404), TargetMissing),
        (client_error("EC2ThrottledException"), Unavailable),
        (client_error("PriorRequestNotComplete"), Unavailable),
        (client_error("NoSuchHostedZone", 404), TargetMissing),
        (client_error("AccessDenied", 403), Refused),
        (EndpointConnectionError(endpoint_url="https://nowhere"), Unavailable),
        (ReadTimeoutError(endpoint_url="https://nowhere"), Unavailable),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), Unavailable),
        (NoCredentialsError(), Refused),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value)[:50],
)
def test_botocore_s_errors_arrive_in_release_words(raised, expected):
    with (
        pytest.raises(expected, match=r"^s3 get builds: ") as caught,
        in_release_words("s3 get builds"),
    ):
        raise raised

    assert type(caught.value) is expected
    assert caught.value.__cause__ is raised


def test_a_release_s_own_error_passes_unchanged():
    with pytest.raises(TargetMissing, match=r"^gone$"), in_release_words("s3 get builds"):
        raise TargetMissing("gone")


def test_an_error_without_a_code_has_none():
    assert error_code(ClientError({}, "GetObject")) == ""

"""Tags as AWS takes them, and which of them are ours."""

from collections.abc import Iterable, Mapping

from workflows.domain.environments.census import tag_value

_OURS = "lockgate:"
_OF_AWS = "aws:"


def written(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """As a call of AWS is given them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def read(listed: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """As an answer of AWS lists them, without those that only AWS itself can give."""
    tags = {each["Key"]: each["Value"] for each in listed}
    return {key: value for key, value in tags.items() if not key.startswith(_OF_AWS)}


def taggable(tags: Mapping[str, str]) -> dict[str, str]:
    """*tags* with values that every service of AWS takes; those that are so already are kept."""
    return {key: tag_value(value) for key, value in tags.items()}


def beside_ours(tags: Mapping[str, str]) -> dict[str, str]:
    """Those that somebody else has put there."""
    return {key: value for key, value in tags.items() if not key.startswith(_OURS)}

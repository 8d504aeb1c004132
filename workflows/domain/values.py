"""The small values every other module speaks in."""

import hashlib
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

Percent = Annotated[int, Field(ge=0, le=100)]
"""Share of live traffic, whole percent, 0..100."""

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
"""A content address: `sha256:` and 64 lower-case hexadecimal digits."""

_NAME = r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$"
_FILE_NAME = r"^([A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*$"
Name = Annotated[str, Field(pattern=_NAME)]
"""A DNS-like label of 1 to 63 characters, as Kubernetes names objects."""


def is_name(text: str) -> bool:
    """Whether *text* could be a `Name`."""
    return re.fullmatch(_NAME, text) is not None


def _one_of_a_kind(items: tuple[str, ...]) -> tuple[str, ...]:
    if repeated := sorted({item for item in items if items.count(item) > 1}):
        raise ValueError(f"named twice: {', '.join(repeated)}")
    return items


Names = Annotated[tuple[Name, ...], AfterValidator(_one_of_a_kind)]


class FileName(str):
    """A file of the catalog's folder, named by a document: its text travels in `Catalog.files`.

    Relative, with `/` between folders, and never out of the folder.
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:
        text = core_schema.str_schema(pattern=_FILE_NAME, max_length=200)
        return core_schema.no_info_after_validator_function(cls, text)


def cut(text: str, most: int) -> str:
    """*text*, no longer than *most*: what anybody may send must not outgrow what carries it."""
    return text[:most]


MOST_OF_A_NAME = 200
MOST_OF_A_REASON = 2000
SentName = Annotated[str, AfterValidator(lambda text: cut(text, MOST_OF_A_NAME))]
"""A name as somebody sent it; it is cut and not refused, so that what was sent is on record."""
SentReason = Annotated[str, AfterValidator(lambda text: cut(text, MOST_OF_A_REASON))]
"""What somebody gives as their reason, cut likewise."""


class Value(BaseModel):
    """An immutable value; on the wire it ignores fields that a newer worker added."""

    model_config = ConfigDict(frozen=True)


class View(Value):
    """A value that people and pipelines read as JSON, in camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class SpecPart(BaseModel):
    """A value a person writes in YAML: camelCase, and an unknown field is a typo and refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Target(Value):
    """One service in one environment: the unit that is deployed, shifted and rolled back."""

    service: str
    environment: str

    def __str__(self) -> str:
        return f"{self.service}@{self.environment}"


class Provider(SpecPart):
    """Which kind of outside system, and under what name the workers know its address.

    `type` picks the adapter (`envoy`, `s3`, …); `connection` names an entry of the worker's
    settings, so that a catalog never holds an address or a credential.
    """

    type: Name
    """Which adapter speaks to it."""
    connection: Name
    """What the workers' settings call it."""

    def __str__(self) -> str:
        return f"{self.type}/{self.connection}"


class Artifact(Value):
    """One immutable build of a service: what it is called, and the content address that it is."""

    service: str
    version: str
    digest: Digest

    def __str__(self) -> str:
        return f"{self.service} {self.version} ({short(self.digest)})"


class SecretRef(Value):
    """Where a secret lives; the secret itself never leaves the activity that reads it."""

    path: str

    def __str__(self) -> str:
        return f"secret at {self.path}"


def short(digest: str) -> str:
    """The first twelve hexadecimal digits, enough for a person to tell builds apart."""
    return digest.removeprefix("sha256:")[:12]


def times(count: int) -> str:
    """How often, in words: `once`, `3 times`."""
    return "once" if count == 1 else f"{count} times"


def arm_name(service: str, digest: str) -> str:
    """The name under which one version of a service is discovered, routed to and measured."""
    return f"{service}-{short(digest)}"


def digest_of(content: str | bytes) -> str:
    """The content address of *content*; text counts as its UTF-8 bytes."""
    raw = content.encode() if isinstance(content, str) else content
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"

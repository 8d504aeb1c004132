"""What Alertmanager's webhook sends, version 4, read tolerantly into alerts."""

from collections.abc import Iterable

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, field_validator

from workflows.domain.release.commands import Alert
from workflows.domain.watching.alerting import bounded

_VERSION = "4"
_FIRING = "firing"


class NotANotice(Exception):
    """The body is not what Alertmanager's webhook sends; says where it is not."""


class _Sent(BaseModel):
    """One alert of a group, which may be firing or resolved whatever the group is."""

    status: str = _FIRING
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: AwareDatetime | None = Field(default=None, alias="startsAt")
    generator_url: str = Field(default="", alias="generatorURL")
    fingerprint: str = ""


class Notice(BaseModel):
    """A group's alerts; fields that a newer Alertmanager adds are ignored."""

    version: str = _VERSION
    truncated: int = Field(default=0, alias="truncatedAlerts")
    sent: tuple[_Sent, ...] = Field(alias="alerts")

    @field_validator("version")
    @classmethod
    def _known(cls, found: str) -> str:
        if found != _VERSION:
            raise ValueError(f"expected the webhook's version {_VERSION!r}, found {found[:20]!r}")
        return found

    @property
    def firing(self) -> tuple[Alert, ...]:
        return tuple(_alerts(sent for sent in self.sent if sent.status == _FIRING))

    @property
    def resolved(self) -> tuple[Alert, ...]:
        return tuple(_alerts(sent for sent in self.sent if sent.status != _FIRING))


def read_notice(body: bytes) -> Notice:
    """The notice in *body*.

    Raises:
        NotANotice: it is none; the text names each field that is wrong, and no content.
    """
    try:
        return Notice.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        said = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
            for problem in problems[:5]
        )
        raise NotANotice(said) from None


def _alerts(sent: Iterable[_Sent]) -> Iterable[Alert]:
    for one in sent:
        yield bounded(
            Alert(
                name=one.labels.get("alertname") or Alert().name,
                summary=one.annotations.get("summary") or one.annotations.get("description", ""),
                labels=one.labels,
                fingerprint=one.fingerprint,
                starts_at=one.starts_at,
                generator_url=one.generator_url,
                annotations=one.annotations,
            )
        )

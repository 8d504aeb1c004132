"""Where changes and those on call are told of: repositories, and pagers."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from infra.part import Part


class GitSource(Part):
    """A git repository, an address or a folder, of which the worker keeps a copy.

    The copy is the folder `<name>.git` of `work_dir`. `credentials` is the vault's KV path that
    holds the `username` and `token` that an address over HTTPS wants to be shown.
    """

    type: Literal["git"]
    url: str
    work_dir: Path
    credentials: str | None = None

    @field_validator("url")
    @classmethod
    def _is_no_option(cls, url: str) -> str:
        if url.startswith("-") or "::" in url:
            raise ValueError("an address over https, ssh or file, or a folder")
        return url


class PagerDutyPager(Part):
    """A PagerDuty account; `credentials` is the vault's KV path that holds a read-only `token`."""

    type: Literal["pagerduty"]
    url: str = "https://api.pagerduty.com"
    credentials: str


class PrometheusPager(Part):
    """Alerts that page, as the Prometheus at `url` remembers them; it must keep three days.

    `labels` are what an alert carries that goes to the pager, `service_label` names the one that
    holds the service. `credentials` is the vault's KV path that holds a `token` to be shown.
    """

    type: Literal["prometheus"]
    url: str
    labels: dict[str, str] = {"severity": "page"}
    service_label: str = Field(default="service", pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")
    credentials: str | None = None

"""The mail server through which people are told."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from infra.part import Part


class NoticesSettings(Part):
    """A mail server that takes notices to people over SMTP; without it nobody is told by mail.

    `sender` is the address that they come from. `tls` is `starttls` (port 587, usually),
    `implicit` (port 465) or `none`; what the settings ask for and the server does not offer is
    never left out. `credentials` is the vault's KV path that holds the `username` and `password`
    to log in with, if any; `ca_file` holds the certificates, as PEM, that the server's is checked
    against instead of those that the machine believes.
    """

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    sender: str = Field(pattern=r"^[^\s@<>\"(),:;\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
    credentials: str | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _no_password_in_the_open(self) -> Self:
        if self.credentials is not None and self.tls == "none":
            raise ValueError("`credentials` would be sent unencrypted; choose another `tls`")
        return self

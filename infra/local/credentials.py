"""Passwords and keys of the local stack: random, made once, in one file of its owner's."""

import secrets

from pydantic import BaseModel, ConfigDict, Field

from infra.local.home import Home, write_private


def _random() -> str:
    return secrets.token_hex(24)


class Credentials(BaseModel):
    """What the components of one stack log in to each other with."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    postgres_superuser: str = Field(default_factory=_random, repr=False)
    postgres_vault: str = Field(default_factory=_random, repr=False)
    postgres_staging: str = Field(default_factory=_random, repr=False)
    postgres_production: str = Field(default_factory=_random, repr=False)
    s3_access_key: str = Field(default_factory=lambda: secrets.token_hex(10).upper(), repr=False)
    s3_secret_key: str = Field(default_factory=_random, repr=False)
    aws_access_key: str = Field(default_factory=lambda: secrets.token_hex(10).upper(), repr=False)
    aws_secret_key: str = Field(default_factory=_random, repr=False)
    alerts: str = Field(default_factory=_random, repr=False)

    def postgres_owner(self, environment: str) -> str:
        """The password of the role that owns an environment's database."""
        owners = {"staging": self.postgres_staging, "production": self.postgres_production}
        return owners[environment]


def keep_credentials(home: Home) -> Credentials:
    """Read this stack's credentials, and make those that it has not yet: at first, all."""
    stored = home.credentials.read_text("utf-8") if home.credentials.exists() else "{}"
    kept = Credentials.model_validate_json(stored)
    written = kept.model_dump_json(indent=2) + "\n"
    if written != stored:
        write_private(home.credentials, written)
    return kept

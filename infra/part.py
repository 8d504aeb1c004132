"""What every part of the settings is: frozen, and an unknown field is a slip and refused."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

"""Connecting a process to Temporal: where, as whom, and how payloads are written."""

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import RPCError

DATA_CONVERTER = pydantic_data_converter
DEFAULT_ADDRESS = "localhost:7233"

CODEC_VARIABLE = "LOCKGATE_CODEC_URL"
"""A worker's codec endpoint, for front doors of a namespace whose payloads are encrypted."""


class TemporalUnreachable(Exception):
    """Temporal does not answer, or its configuration cannot be used; says what to do about it."""


def encrypting(codec: PayloadCodec) -> DataConverter:
    """The data converter with every payload and failure message passed through *codec*."""
    return dataclasses.replace(
        DATA_CONVERTER,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def data_converter() -> DataConverter:
    """What a front door uses: the plain converter, or the remote codec that is configured."""
    if not (url := os.environ.get(CODEC_VARIABLE)):
        return DATA_CONVERTER
    # httpx costs a command line more start-up time than all else; only this path needs it.
    from infra.remote_codec import RemoteCodec  # noqa: PLC0415 - see above

    return encrypting(RemoteCodec(url))


async def connect(
    *, converter: DataConverter | None = None, runtime: Runtime | None = None
) -> Client:
    """Connect now, as Temporal's own configuration says (TEMPORAL_* and profiles).

    Where no TEMPORAL_* variable is set, the local stack's `temporal.toml` is used if there is one.

    Raises:
        TemporalUnreachable: nobody answers there, TLS or the API key are refused, or the
            configuration cannot be read.
    """
    config = connect_config()
    address = config.setdefault("target_host", DEFAULT_ADDRESS)
    try:
        return await Client.connect(
            **config,
            data_converter=converter or data_converter(),
            runtime=runtime,
            lazy=False,
        )
    except (RuntimeError, RPCError) as error:
        raise TemporalUnreachable(_remedy(address, error)) from error


def connect_config(environment: Mapping[str, str] | None = None) -> ClientConnectConfig:
    """Address, namespace, TLS and key, as `Client.connect` takes them.

    Raises:
        TemporalUnreachable: the configuration file cannot be read or lacks the profile.
    """
    environment = os.environ if environment is None else environment
    file = local_config(environment)
    try:
        return ClientConfig.load_client_connect_config(
            config_file=str(file) if file else None, override_env_vars=dict(environment)
        )
    except (RuntimeError, ValueError, TypeError) as error:
        where = file or environment.get("TEMPORAL_CONFIG_FILE", "TEMPORAL_* variables")
        raise TemporalUnreachable(
            f"{where}: Temporal's client configuration cannot be used: {_said(error)}; "
            "check the file and TEMPORAL_PROFILE"
        ) from error


def local_config(environment: Mapping[str, str]) -> Path | None:
    """The local stack's configuration; None once anything else says where Temporal is."""
    if any(name.startswith("TEMPORAL_") for name in environment):
        return None
    home = Path(environment.get("LOCKGATE_HOME") or ".lockgate")
    file = home / "temporal.toml"
    return file if file.is_file() else None


def _remedy(address: str, error: Exception) -> str:
    return (
        f"Temporal at {address} cannot be reached: {_said(error)}; "
        "start the local stack with `lockgate dev up`, or set TEMPORAL_ADDRESS or TEMPORAL_PROFILE"
    )


def _said(error: Exception) -> str:
    """The part of the SDK's message that tells a person something.

    Its first line only: the others may quote the file, and so an API key.
    """
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    inner = re.search(r'message: "([^"]+)"', said)
    return inner[1] if inner else said.removeprefix("Failed client connect: ")

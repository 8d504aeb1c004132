"""Flag providers as the settings name them, and what evaluates their flags."""

from typing import Any

import httpx

from activities.connections import Connections
from activities.flags import FLAG_PROVIDERS
from activities.flags.activities import FlagsActivities
from activities.flags.ofrep import Ofrep
from activities.flags.provider import FlagProvider
from activities.http import plain
from infra.settings import AppConfigFlags, FlagdFile
from workers import pings
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.values import Provider


def flags_of(parts: Parts) -> tuple[FlagsActivities, tuple[Dependency, ...]]:
    """The providers, and what they need to be asked."""
    providers: dict[Provider, FlagProvider] = {}
    evaluators: dict[Provider, Ofrep] = {}
    needs: list[Dependency] = []
    for name, entry in parts.settings.flags.items():
        named = Provider(type=entry.type, connection=name)
        if isinstance(entry, FlagdFile):
            providers[named] = FLAG_PROVIDERS["flagd"](file=entry.file)
            needs.append(_file_need(name, entry))
        else:
            control = aws_client(parts, "appconfig", entry)
            providers[named] = _in_appconfig(parts, entry, control)
            needs += [parts.vault_need] if entry.credentials else []
            needs.append(_appconfig_need(name, entry, control))
        if entry.ofrep is not None:
            evaluators[named] = Ofrep(entry.ofrep, parts.http)
            needs.append(_endpoint_need(name, entry.ofrep))
    port = FlagsActivities(Connections("flag provider", providers), evaluators=evaluators)
    return port, tuple(needs)


def _file_need(name: str, entry: FlagdFile) -> Dependency:
    def ping() -> None:
        entry.file.open("rb").close()

    return Dependency(f"flags.{name}.file", str(entry.file), ping)


def _in_appconfig(parts: Parts, entry: AppConfigFlags, control: Renewed) -> Any:
    return FLAG_PROVIDERS["appconfig"](
        control=control,
        retrieval=aws_client(parts, "appconfigdata", entry),
        application=entry.application,
        environment=entry.environment,
        profile=entry.profile,
        strategy=entry.strategy,
    )


def _appconfig_need(name: str, entry: AppConfigFlags, control: Renewed) -> Dependency:
    where = entry.endpoint or f"AWS {entry.region}"

    def ping() -> None:
        control().get_configuration_profile(
            ApplicationId=entry.application, ConfigurationProfileId=entry.profile
        )

    profile = f"{entry.application}/{entry.profile}"
    return Dependency(f"flags.{name}", f"profile {profile} at {where}", ping)


def _endpoint_need(name: str, address: str) -> Dependency:
    """The protocol has no page for health, so that somebody listens has to do."""
    url = httpx.URL(address)
    number = url.port or (443 if url.scheme == "https" else 80)
    return Dependency(f"flags.{name}.ofrep", plain(url), pings.port(url.host, number))

"""Flag providers as the settings name them, and what evaluates their flags."""

import httpx

from activities.connections import Connections
from activities.flags import FLAG_PROVIDERS
from activities.flags.activities import FlagsActivities
from activities.flags.ofrep import Ofrep
from activities.http import plain
from infra.settings import FlagdFile
from workers import pings
from workers.health import Dependency
from workers.parts import Parts
from workflows.domain.values import Provider


def flags_of(parts: Parts) -> tuple[FlagsActivities, tuple[Dependency, ...]]:
    """The providers, and what they need to be asked."""
    entries = parts.settings.flags
    named = {name: Provider(type=entry.type, connection=name) for name, entry in entries.items()}
    providers = {
        named[name]: FLAG_PROVIDERS[entry.type](file=entry.file) for name, entry in entries.items()
    }
    evaluators = {
        named[name]: Ofrep(entry.ofrep, parts.http)
        for name, entry in entries.items()
        if entry.ofrep is not None
    }
    needs = [_file_need(name, entry) for name, entry in entries.items()]
    needs += [
        _endpoint_need(name, entry.ofrep)
        for name, entry in entries.items()
        if entry.ofrep is not None
    ]
    port = FlagsActivities(Connections("flag provider", providers), evaluators=evaluators)
    return port, tuple(needs)


def _file_need(name: str, entry: FlagdFile) -> Dependency:
    def ping() -> None:
        entry.file.open("rb").close()

    return Dependency(f"flags.{name}.file", str(entry.file), ping)


def _endpoint_need(name: str, address: str) -> Dependency:
    """The protocol has no page for health, so that somebody listens has to do."""
    url = httpx.URL(address)
    number = url.port or (443 if url.scheme == "https" else 80)
    return Dependency(f"flags.{name}.ofrep", plain(url), pings.port(url.host, number))

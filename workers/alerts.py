"""Alert managers as the settings name them, and the token that each is shown."""

from collections.abc import Callable, Mapping

from activities.alerts import MANAGERS
from activities.alerts.activities import AlertsActivities
from activities.connections import Connections
from infra.announced import AlertmanagerConnection
from workers import pings
from workers.aws import KV
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.errors import TargetMissing
from workflows.domain.values import Provider


def alerts_of(parts: Parts) -> tuple[AlertsActivities, tuple[Dependency, ...]]:
    """The alert managers, and what they need to be asked."""
    entries = parts.settings.alerts
    managers = {
        Provider(type=entry.type, connection=name): MANAGERS[entry.type](
            entry.url,
            client=parts.http,
            token=_token(parts, entry),
            prometheus=entry.prometheus,
        )
        for name, entry in entries.items()
    }
    needs = [parts.vault_need] if any(entry.credentials for entry in entries.values()) else []
    needs += [
        Dependency(setting, url, pings.page(parts.http, f"{url.rstrip('/')}/-/ready"))
        for name, entry in entries.items()
        for setting, url in _addresses(name, entry)
    ]
    return AlertsActivities(Connections("alert manager", managers)), tuple(needs)


def _addresses(name: str, entry: AlertmanagerConnection) -> list[tuple[str, str]]:
    """By the setting: the manager's own, and that of the server that tells what it masks."""
    own = [(f"alerts.{name}.url", entry.url)]
    if entry.prometheus is None:
        return own
    return [*own, (f"alerts.{name}.prometheus", entry.prometheus)]


def _token(parts: Parts, entry: AlertmanagerConnection) -> Callable[[], str] | None:
    """What an alert manager is shown; read from the vault anew now and then."""
    if entry.credentials is None:
        return None
    path = f"{KV}/{entry.credentials}"

    def shown(held: Mapping[str, str]) -> str:
        if "token" not in held:
            raise TargetMissing(f"vault: {path} has no field `token`; write one")
        return held["token"]

    return Renewed(lambda: parts.vault.read_secret(path), shown)

"""Calendar feeds as the settings name them, and the token that each is shown."""

from collections.abc import Callable, Mapping

from activities.feeds import FeedsActivities, HttpFeed
from infra.announced import CalendarFeed
from workers.aws import KV
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.errors import TargetMissing


def feeds_of(parts: Parts) -> tuple[FeedsActivities, tuple[Dependency, ...]]:
    """The feeds, and what they need to be asked.

    A feed that does not answer is no reason to wait: what it says is then unknown, and not open.
    """
    entries = parts.settings.calendars
    feeds = {
        name: HttpFeed(entry.url, parts.http, token=_token(parts, entry))
        for name, entry in entries.items()
    }
    needs = (parts.vault_need,) if any(entry.credentials for entry in entries.values()) else ()
    return FeedsActivities(feeds), needs


def _token(parts: Parts, entry: CalendarFeed) -> Callable[[], str] | None:
    """What a feed is shown; read from the vault anew now and then."""
    if entry.credentials is None:
        return None
    path = f"{KV}/{entry.credentials}"

    def shown(held: Mapping[str, str]) -> str:
        if "token" not in held:
            raise TargetMissing(f"vault: {path} has no field `token`; write one")
        return held["token"]

    return Renewed(lambda: parts.vault.read_secret(path), shown)

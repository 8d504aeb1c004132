"""Entrances for synthetic customers as the settings name them."""

from activities.connections import Connections
from activities.journeys import ENTRANCES, JourneysActivities
from workers.aws import KV
from workers.health import Dependency
from workers.parts import Parts
from workflows.domain.values import Provider


def journeys_of(parts: Parts) -> tuple[JourneysActivities, tuple[Dependency, ...]]:
    """The entrances, and what they need to be asked.

    An entrance without a version behind it answers nothing yet: that is no reason to wait.
    """
    entries = parts.settings.journeys
    entrances = {
        Provider(type=entry.type, connection=name): ENTRANCES[entry.type](
            base_urls=entry.base_urls,
            mark=(entry.mark_header, entry.mark_value),
            secrets_under=entry.secrets_under,
        )
        for name, entry in entries.items()
    }
    port = JourneysActivities(
        Connections("entrance for journeys", entrances),
        read_secret=lambda path: parts.vault.read_secret(f"{KV}/{path}"),
    )
    needs = (parts.vault_need,) if any(e.secrets_under for e in entries.values()) else ()
    return port, needs

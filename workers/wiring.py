"""The composition root: settings to clients to activities, only what the chosen pools need."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from temporalio.client import Client

from activities.alerts.activities import AlertsActivities
from activities.artifacts.activities import ArtifactsActivities
from activities.attestations import AttestationsActivities
from activities.audit import AuditActivities
from activities.databases import DATABASES, DatabasesActivities
from activities.decision_log import DecisionLogActivities
from activities.decisions.activities import DecisionsActivities
from activities.decisions.trusted import TrustedCatalogs
from activities.deploy.activities import DeployActivities
from activities.environment_stories.activities import EnvironmentStoriesActivities
from activities.environments import EnvironmentsActivities
from activities.feeds import FeedsActivities
from activities.flags.activities import FlagsActivities
from activities.freezes import FreezesActivities
from activities.gates import GatesActivities
from activities.identity import IdentityActivities
from activities.journeys import JourneysActivities
from activities.metrics import MetricsActivities
from activities.notices import NoticesActivities
from activities.outcomes import OutcomesActivities
from activities.releases.activities import ReleasesActivities
from activities.reviews import ReviewsActivities
from activities.sealing import SealingActivities
from activities.secrets import Leases, SecretsActivities, Vault, open_vault
from activities.sources import SourcesActivities
from activities.traffic.activities import TrafficActivities
from activities.windows import WindowsActivities
from infra.codec import PayloadCodec
from infra.rego.process import RegoProcess
from infra.settings import Settings
from workers import pings
from workers.alerts import alerts_of
from workers.attestations import attestations_of
from workers.calendars import feeds_of
from workers.change_sources import change_sources_of
from workers.environments import environments_of
from workers.flags import flags_of
from workers.health import Dependency
from workers.identity import identity_of
from workers.journeys import journeys_of
from workers.notices import notices_of
from workers.parts import Parts, Served, connector
from workers.platforms import platforms_of
from workers.pools import Pool
from workers.routers import routers_of
from workers.sealing import sealing_of
from workers.sources import sources_of
from workers.stores import stores_of
from workers.telling import Teller
from workers.transit import TransitKeys
from workflows.domain.names import Queue
from workflows.ports.base import Port, activities_of


class Wiring:
    """What the chosen *pools* serve, built from the settings; each pool has its own sign-ins.

    Raises:
        SettingsError: from `served`, where parts of the settings do not fit together.
    """

    def __init__(self, settings: Settings, pools: Sequence[Pool]) -> None:
        self.pools = tuple(pools)
        self._settings = settings
        self._vaults: dict[Queue, Vault] = {}

    def codec(self) -> PayloadCodec | None:
        """Payload encryption as configured; it signs in to the vault as the first pool."""
        if self._settings.codec is None:
            return None
        vault = self._vault(self.pools[0].queue)
        return PayloadCodec(TransitKeys(vault, self._settings.codec.transit_key))

    def served(self, client: Client) -> dict[Pool, tuple[Served, ...]]:
        """Each pool's implementations. Call it in the loop that *client* belongs to."""
        loop = asyncio.get_running_loop()
        return {
            pool: tuple(
                BUILDERS[kind](
                    Parts(
                        settings=self._settings,
                        queue=pool.queue,
                        vault=self._vault(pool.queue),
                        client=client,
                        loop=loop,
                    )
                )
                for kind in pool.serves
            )
            for pool in self.pools
        }

    def _vault(self, queue: Queue) -> Vault:
        """The vault as *queue*'s AppRole; nothing is asked of it before the first use."""
        if queue not in self._vaults:
            folder = self._settings.vault.approles / queue
            self._vaults[queue] = open_vault(connector(self._settings.vault.address), folder)
        return self._vaults[queue]


def methods_of(served: Mapping[Pool, Sequence[Served]]) -> dict[Pool, list[Callable[..., Any]]]:
    """The bound methods that each pool registers as activities."""
    return {
        pool: [method for each in ports for method in activities_of(each.port)]
        for pool, ports in served.items()
    }


def needs_of(served: Mapping[Pool, Sequence[Served]]) -> tuple[Dependency, ...]:
    """The systems that all of them ask, each setting once."""
    needs = (need for ports in served.values() for each in ports for need in each.needs)
    return tuple({need.setting: need for need in needs}.values())


def _decisions(parts: Parts) -> Served:
    listed = parts.settings.decisions.catalogs
    trusted = TrustedCatalogs(listed) if listed is not None else None
    return Served(DecisionsActivities(RegoProcess(), trusted=trusted))


def _releases(parts: Parts) -> Served:
    return Served(ReleasesActivities(parts.client, parts.loop))


def _environment_stories(parts: Parts) -> Served:
    return Served(EnvironmentStoriesActivities(parts.client, parts.loop))


def _artifacts(parts: Parts) -> Served:
    port, needs = stores_of(parts)
    return Served(port, needs)


def _deploy(parts: Parts) -> Served:
    port, needs = platforms_of(parts)
    return Served(port, needs)


def _traffic(parts: Parts) -> Served:
    port, needs = routers_of(parts)
    return Served(port, needs)


def _flags(parts: Parts) -> Served:
    port, needs = flags_of(parts)
    return Served(port, needs)


def _metrics(parts: Parts) -> Served:
    sources, needs = sources_of(parts)
    return Served(MetricsActivities(sources, tell=Teller(parts.client, parts.loop)), needs)


def _identity(parts: Parts) -> Served:
    port, needs = identity_of(parts)
    return Served(port, needs)


def _journeys(parts: Parts) -> Served:
    port, needs = journeys_of(parts)
    return Served(port, needs)


def _attestations(parts: Parts) -> Served:
    port, needs = attestations_of(parts)
    return Served(port, needs)


def _databases(parts: Parts) -> Served:
    places = parts.settings.databases
    leases = Leases(parts.vault, parts.ledger, connect=connector(parts.settings.vault.address))
    needs = tuple(
        Dependency(
            f"databases.{name}.host",
            f"{place.host}:{place.port}",
            pings.port(place.host, place.port),
        )
        for name, place in places.items()
    )
    port = DatabasesActivities(places, leases, kinds=DATABASES)
    return Served(port, (parts.vault_need, parts.ledger_need, *needs))


def _secrets(parts: Parts) -> Served:
    port = SecretsActivities(parts.vault, parts.ledger)
    return Served(port, (parts.vault_need, parts.ledger_need))


def _audit(parts: Parts) -> Served:
    return Served(AuditActivities(parts.ledger), _ledger_needs(parts))


def _decision_log(parts: Parts) -> Served:
    return Served(DecisionLogActivities(parts.ledger), _ledger_needs(parts))


def _reviews(parts: Parts) -> Served:
    # It asks the issuers itself: whoever reaches Temporal can claim that somebody else has.
    identity, _ = identity_of(parts)
    verify = identity.verify_statement
    return Served(ReviewsActivities(parts.ledger, verify=verify), _ledger_needs(parts))


def _outcomes(parts: Parts) -> Served:
    return Served(OutcomesActivities(parts.ledger), _ledger_needs(parts))


def _change_sources(parts: Parts) -> Served:
    port, needs = change_sources_of(parts)
    return Served(port, needs)


def _gates(parts: Parts) -> Served:
    return Served(GatesActivities(parts.ledger), _ledger_needs(parts))


def _freezes(parts: Parts) -> Served:
    return Served(FreezesActivities(parts.ledger), _ledger_needs(parts))


def _windows(_parts: Parts) -> Served:
    return Served(WindowsActivities())


def _feeds(parts: Parts) -> Served:
    port, needs = feeds_of(parts)
    return Served(port, needs)


def _ledger_needs(parts: Parts) -> tuple[Dependency, ...]:
    if parts.settings.ledger.vault_role is None:
        return (parts.ledger_need,)
    return (parts.vault_need, parts.ledger_need)


def _environments(parts: Parts) -> Served:
    port, needs = environments_of(parts)
    return Served(port, needs)


def _sealing(parts: Parts) -> Served:
    port, needs = sealing_of(parts)
    return Served(port, needs)


def _alerts(parts: Parts) -> Served:
    port, needs = alerts_of(parts)
    return Served(port, needs)


def _notices(parts: Parts) -> Served:
    port, needs = notices_of(parts)
    return Served(port, needs)


BUILDERS: Mapping[type[Port], Callable[[Parts], Served]] = {
    AlertsActivities: _alerts,
    ArtifactsActivities: _artifacts,
    AttestationsActivities: _attestations,
    DatabasesActivities: _databases,
    DecisionsActivities: _decisions,
    DeployActivities: _deploy,
    AuditActivities: _audit,
    DecisionLogActivities: _decision_log,
    ReviewsActivities: _reviews,
    OutcomesActivities: _outcomes,
    EnvironmentsActivities: _environments,
    SourcesActivities: _change_sources,
    GatesActivities: _gates,
    EnvironmentStoriesActivities: _environment_stories,
    FreezesActivities: _freezes,
    WindowsActivities: _windows,
    FeedsActivities: _feeds,
    FlagsActivities: _flags,
    IdentityActivities: _identity,
    JourneysActivities: _journeys,
    MetricsActivities: _metrics,
    NoticesActivities: _notices,
    ReleasesActivities: _releases,
    SealingActivities: _sealing,
    SecretsActivities: _secrets,
    TrafficActivities: _traffic,
}
"""How each implementation of a port is built."""

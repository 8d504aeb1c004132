"""Repositories and pagers as the settings name them, and what each is shown."""

import base64
from collections.abc import Callable, Mapping

from activities.connections import Connections
from activities.sources import SourcesActivities
from activities.sources.alert_history import AlertHistory
from activities.sources.git import GitRepository
from activities.sources.pager import Pager
from activities.sources.pagerduty import PagerDuty
from activities.sources.repository import Repository
from infra.change_sources import GitSource, PagerDutyPager, PrometheusPager
from workers import pings
from workers.attestations import room_of
from workers.aws import KV
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.errors import TargetMissing
from workflows.domain.values import Digest, Provider


def change_sources_of(parts: Parts) -> tuple[SourcesActivities, tuple[Dependency, ...]]:
    """The repositories and pagers, and what they need to be asked."""
    repositories: dict[Provider, Repository] = {
        Provider(type=entry.type, connection=name): _repository(parts, name, entry)
        for name, entry in parts.settings.repositories.items()
    }
    pagers: dict[Provider, Pager] = {
        Provider(type=entry.type, connection=name): _pager(parts, entry)
        for name, entry in parts.settings.pagers.items()
    }
    port = SourcesActivities(
        Connections("repository", repositories),
        Connections("pager", pagers),
        report=_no_report if (room := room_of(parts)) is None else room.file,
    )
    return port, tuple(_needs(parts))


def _no_report(digest: Digest) -> bytes:
    raise TargetMissing(f"this worker has no store of evidence in which {digest} could be")


def _needs(parts: Parts) -> list[Dependency]:
    settings = parts.settings
    entries = (*settings.repositories.values(), *settings.pagers.values())
    needs = [parts.vault_need] if any(entry.credentials for entry in entries) else []
    return needs + [
        Dependency(f"pagers.{name}.url", entry.url, pings.page(parts.http, f"{entry.url}/-/ready"))
        for name, entry in settings.pagers.items()
        if isinstance(entry, PrometheusPager)
    ]


def _repository(parts: Parts, name: str, entry: GitSource) -> GitRepository:
    folder = entry.work_dir / f"{name}.git"
    if entry.credentials is None:
        return GitRepository(entry.url, folder)
    path = f"{KV}/{entry.credentials}"
    header = Renewed(lambda: parts.vault.read_secret(path), lambda held: _login(held, path))
    return GitRepository(entry.url, folder, secrets=lambda: {"http.extraHeader": header()})


def _login(held: Mapping[str, str], path: str) -> str:
    for field in ("username", "token"):
        if field not in held:
            raise TargetMissing(f"vault: {path} has no field `{field}`; write one")
    pair = f"{held['username']}:{held['token']}".encode()
    return f"Authorization: Basic {base64.b64encode(pair).decode()}"


def _pager(parts: Parts, entry: PagerDutyPager | PrometheusPager) -> Pager:
    if isinstance(entry, PagerDutyPager):
        token = _token(parts, entry.credentials)
        return PagerDuty(entry.url, client=parts.http, token=token)
    return AlertHistory(
        entry.url,
        client=parts.http,
        labels=entry.labels,
        service_label=entry.service_label,
        token=None if entry.credentials is None else _token(parts, entry.credentials),
    )


def _token(parts: Parts, credentials: str) -> Callable[[], str]:
    path = f"{KV}/{credentials}"

    def shown(held: Mapping[str, str]) -> str:
        if "token" not in held:
            raise TargetMissing(f"vault: {path} has no field `token`; write one")
        return held["token"]

    return Renewed(lambda: parts.vault.read_secret(path), shown)

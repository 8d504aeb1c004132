"""Environment and settings file to frozen Settings; fails with every problem at once.

A deployment says once, in a TOML file named by LOCKGATE_SETTINGS, what each *connection* that a
catalog names really is: which Envoy, which bucket, which database. Catalogs hold only the names,
so an author of releases cannot point a worker's credentials at an address of their choice.
"""

import os
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from infra.announced import AlertmanagerConnection, CalendarFeed
from infra.change_sources import GitSource, PagerDutyPager, PrometheusPager
from infra.evidence_place import AttestationsSettings
from infra.issuers import PeopleIssuer, PipelineIssuer
from infra.mail import NoticesSettings
from infra.part import Part
from infra.provisioning import CloudFormationConnection
from infra.trust import DecisionsSettings

SETTINGS_VARIABLE = "LOCKGATE_SETTINGS"


# Without it, a slip in a bucket is also told as every way in which it is no ECR repository.
_BY_TYPE = Field(discriminator="type")


class SettingsError(Exception):
    """The settings cannot be used; the message lists every problem, one a line."""


class VaultSettings(Part):
    """Where OpenBao or Vault listens, and the AppRole files of each worker pool.

    `approles/<pool>/role-id` and `approles/<pool>/secret-id`, readable by the worker alone.
    """

    address: str
    approles: Path


class LedgerSettings(Part):
    """The audit record's database, as a SQLAlchemy URL without a password.

    For PostgreSQL, `vault_role` names the database role whose leased credentials log in.
    """

    url: str
    vault_role: str | None = None


class SealingSettings(Part):
    """Where checkpoints of the whole audit record are sealed, and what signs them.

    `bucket` was made with Object Lock, and is for nothing else; nobody can remove a checkpoint
    before `retention_days` are over. `transit_key` is an ed25519 key of the vault. `origin` names
    this log to whoever verifies it, in notes and in keys: another installation has another one.
    """

    type: Literal["s3"] = "s3"
    bucket: str
    origin: str = Field(pattern=r"^[^\s+]{1,200}$")
    transit_key: str = "lockgate-audit"
    retention_days: int = Field(default=2557, ge=1, le=36500)
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None


class S3Store(Part):
    """A bucket. `credentials` is the vault's KV path that holds access_key and secret_key."""

    type: Literal["s3"]
    bucket: str
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None


class EcrStore(Part):
    """An ECR repository prefix; the repository of a service is `<prefix><service>`."""

    type: Literal["ecr"]
    prefix: str = ""
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None


class EnvoyMesh(Part):
    """An Envoy whose clusters and routes are files in `config_dir`, replaced by rename.

    `listeners` maps each service to the port on which Envoy serves it.
    """

    type: Literal["envoy"]
    config_dir: Path
    admin_url: str
    listeners: dict[str, int]


class Route53Zone(Part):
    """A hosted zone in which each version of a service is a weighted CNAME record.

    `names` maps each service to the name its clients ask for; `target` is the name under which
    one version answers, with `{arm}` (service and build) in it and perhaps `{service}`: the
    platform puts it into the same zone. `ttl_seconds` is how long a resolver may keep an answer,
    and so what each change of a share has to wait for. `credentials` is the vault's KV path that
    holds access_key and secret_key.
    """

    type: Literal["route53"]
    zone_id: str
    names: dict[str, str]
    target: str
    ttl_seconds: int = Field(default=60, ge=1, le=86400)
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None

    @field_validator("target")
    @classmethod
    def _names_versions_apart(cls, target: str) -> str:
        try:
            apart = len({target.format(arm=arm, service="s") for arm in "ab"}) == 2
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"only {{arm}} and {{service}} are known in it: {error}") from error
        if not apart:
            raise ValueError("it must hold {arm}, so that each version has a name of its own")
        return target


class AlbListener(Part):
    """A listener of an Application Load Balancer; each version is a weighted target group.

    `hosts` maps each service to the host name its clients ask for, `priorities` to the priority
    of its rule; the rule of a header comes one before, so priorities lie two apart. Where the
    platform of the same name is of type `ecs`, that tells which target group serves a version; or
    else the group has the name of its arm (service and build) and the tag `lockgate:digest`, and
    the platform makes it. `settle_seconds` is how long a change takes to reach all nodes of the
    load balancer. `credentials` is the vault's KV path that holds access_key and secret_key.
    """

    type: Literal["alb"]
    listener_arn: str
    hosts: dict[str, str]
    priorities: dict[str, int]
    settle_seconds: int = Field(default=10, ge=0, le=600)
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None

    @model_validator(mode="after")
    def _rules_fit(self) -> Self:
        if unlike := sorted(self.hosts.keys() ^ self.priorities.keys()):
            raise ValueError(f"each service needs a host and a priority: {', '.join(unlike)}")
        taken = sorted(self.priorities.values())
        if any(not 2 <= priority <= 50000 for priority in taken):
            raise ValueError("a priority is 2 to 50000: the rule of the header is one before it")
        if any(after - before < 2 for before, after in pairwise(taken)):
            raise ValueError("priorities lie two apart: the rule of a header is one before")
        return self


class SupervisorPlatform(Part):
    """Versions run as processes under supervisord.

    `control` is supervisord's unix socket, `include_dir` the folder of program files it includes,
    `work_dir` where versions are unpacked, `environ` what each process is given besides PORT.
    """

    type: Literal["supervisor"]
    control: Path
    include_dir: Path
    work_dir: Path
    environ: dict[str, str] = {}


class EcsPlatform(Part):
    """Versions run as services of an ECS cluster, one service for each version.

    `templates` is the folder of the files `<service>.json`, which say how; the image of a service
    is `<images><service>@<digest>`, so `images` ends like an address does before a repository's
    name. `prefix` comes before every name in ECS, where platforms share a cluster.
    """

    type: Literal["ecs"]
    cluster: str
    templates: Path
    images: str
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9_-]*$")
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None


class ExpositionSource(Part):
    """Metrics scraped from a Prometheus exposition endpoint (Envoy's admin).

    A service's own figures are scraped from the versions that the platform of the same name runs.
    """

    type: Literal["exposition"]
    url: str


class PrometheusSource(Part):
    """Metrics asked of a Prometheus server's HTTP API.

    `labels` are what every series of this environment carries, by default
    `environment=<connection>`. `scrape_interval_seconds` is Prometheus's own: a version whose
    last sample is older was not scraped. `late_seconds` is how much later than a scrape its
    samples may arrive, as with remote write.
    """

    type: Literal["prometheus"]
    url: str
    labels: dict[str, str] | None = None
    scrape_interval_seconds: float = Field(default=15, gt=0)
    late_seconds: float = Field(default=0, ge=0)


class CloudWatchSource(Part):
    """Metrics asked of CloudWatch: what an Application Load Balancer counts of each version.

    A service's own figures are metrics of `namespace`, with the arm's name as a dimension.
    `period_seconds` is how finely they are kept: 60, or 1, 5, 10 or 30 for own metrics of high
    resolution. `settle_seconds` is how late the last point of a period may come. `credentials` is
    the vault's KV path that holds access_key and secret_key.
    """

    type: Literal["cloudwatch"]
    namespace: str | None = None
    period_seconds: Literal[1, 5, 10, 30, 60] = 60
    settle_seconds: float = Field(default=180, ge=0, le=3600)
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None


class PostgresDatabase(Part):
    """A database reached with credentials leased from the vault's database engine."""

    type: Literal["postgresql"]
    host: str
    port: int
    name: str
    vault_role: str


class FlagdFile(Part):
    """Feature flags in a definition file of flagd's, replaced by rename.

    `ofrep` is an endpoint that evaluates them (flagd's port 8016): what was set is then asked for
    as the canary and as the version beside it would.
    """

    type: Literal["flagd"]
    file: Path
    ofrep: str | None = None


class JourneyEntrance(Part):
    """Where synthetic journeys enter: `base_urls` maps each service to its address for customers.

    Each of their requests carries the header `mark_header: mark_value`, by which services leave
    it out of business figures. `secrets_under` is the folder of the vault's KV engine below which
    a journey's secretRefs lie.
    """

    type: Literal["http"]
    base_urls: dict[str, str]
    mark_header: str = Field(default="x-synthetic", pattern=r"^[a-z0-9-]{1,64}$")
    mark_value: str = Field(default="lockgate", pattern=r"^[!-~]{1,64}$")
    secrets_under: str | None = None


class AppConfigFlags(Part):
    """Feature flags in a hosted freeform profile of AWS AppConfig, as flagd's definitions.

    `application`, `environment`, `profile` and `strategy` are ids. Each environment needs a
    profile of its own, and a strategy that deploys within a minute, bake time included.
    """

    type: Literal["appconfig"]
    application: str
    environment: str
    profile: str
    strategy: str
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None
    ofrep: str | None = None


class CodecSettings(Part):
    """Payload encryption: AES-256-GCM with data keys of this transit key."""

    transit_key: str


class WorkerSettings(Part):
    """`http_port` serves /healthz, /readyz, /metrics and /codec on loopback; 0: a free one."""

    http_host: str = "127.0.0.1"
    http_port: int = 0
    deployment: str = "lockgate"
    make_current: bool = False
    graceful_shutdown_seconds: float = Field(default=20, ge=0)


class Settings(Part):
    """Everything a worker is told about the world; see docs/reference/settings.md."""

    vault: VaultSettings
    ledger: LedgerSettings
    sealing: SealingSettings | None = None
    worker: WorkerSettings = WorkerSettings()
    codec: CodecSettings | None = None
    attestations: AttestationsSettings | None = None
    decisions: DecisionsSettings = DecisionsSettings()
    notices: NoticesSettings | None = None
    artifacts: dict[str, Annotated[S3Store | EcrStore, _BY_TYPE]] = {}
    routers: dict[str, Annotated[AlbListener | EnvoyMesh | Route53Zone, _BY_TYPE]] = {}
    platforms: dict[str, Annotated[SupervisorPlatform | EcsPlatform, _BY_TYPE]] = {}
    metrics: dict[
        str, Annotated[ExpositionSource | PrometheusSource | CloudWatchSource, _BY_TYPE]
    ] = {}
    databases: dict[str, PostgresDatabase] = {}
    journeys: dict[str, JourneyEntrance] = {}
    flags: dict[str, Annotated[FlagdFile | AppConfigFlags, _BY_TYPE]] = {}
    alerts: dict[str, AlertmanagerConnection] = {}
    repositories: dict[str, GitSource] = {}
    pagers: dict[str, Annotated[PagerDutyPager | PrometheusPager, _BY_TYPE]] = {}
    calendars: dict[str, CalendarFeed] = {}
    environments: dict[str, CloudFormationConnection] = {}
    identity: dict[str, Annotated[PeopleIssuer | PipelineIssuer, _BY_TYPE]] = {}

    @field_validator("identity")
    @classmethod
    def _speak_for_themselves(
        cls, identity: dict[str, PeopleIssuer | PipelineIssuer]
    ) -> dict[str, PeopleIssuer | PipelineIssuer]:
        """A token is traced by its issuer's address, so each has one entry."""
        addresses = [entry.issuer for entry in identity.values()]
        if twice := sorted({each for each in addresses if addresses.count(each) > 1}):
            raise ValueError(f"two entries for one issuer: {', '.join(twice)}")
        return identity


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings file given, or the one that LOCKGATE_SETTINGS names.

    Raises:
        SettingsError: no such file, not TOML, or fields missing, unknown or of the wrong type;
            the message lists all of them.
    """
    named = path or _path_from_environment()
    try:
        raw: dict[str, Any] = tomllib.loads(named.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{named}: cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{named}: not TOML: {error}") from error
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError("\n".join(_problems(named, error))) from error


def _path_from_environment() -> Path:
    named = os.environ.get(SETTINGS_VARIABLE)
    if not named:
        raise SettingsError(
            f"{SETTINGS_VARIABLE} is not set: it names the TOML file with the worker's settings; "
            "`lockgate dev up` writes one to .lockgate/settings.toml"
        )
    return Path(named)


def _problems(path: Path, error: ValidationError) -> list[str]:
    return [
        f"{path}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False)
    ]

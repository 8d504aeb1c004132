"""Facts to factors: the figures that risk is counted from, and those that nobody knows."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.figures import ProvenanceFigures
from workflows.domain.risk.facts import (
    ChangeFacts,
    HotFile,
    LineCoverage,
    OnCall,
    SourceChange,
    Standing,
    TroubledFile,
    Unknown,
)
from workflows.domain.spec import Catalog, ReleaseSpec
from workflows.domain.spec.release import MigrationKind
from workflows.domain.spec.risk import WEEKDAYS, Weekday
from workflows.domain.traffic.dependencies import dependants
from workflows.domain.values import Digest, Value


class Migration(Value):
    """The worst that the release does to stored data, and by what that is known."""

    kind: MigrationKind
    because: str = ""


class HourOfWeek(Value):
    """A weekday and a full hour, as helpers read them from the wall."""

    day: Weekday
    hour: int

    def __str__(self) -> str:
        return f"{self.day.capitalize()} {self.hour:02}:00"


class Factors(Value):
    """What a model weighs. None is what nobody knows; `unknown` says of each why.

    Kept with the outcome of the release, so that another model can be tried on the past.
    """

    churn: tuple[HotFile, ...] | None
    coverage: LineCoverage | None
    on_call: tuple[OnCall, ...] | None
    dependants: tuple[str, ...]
    migration: Migration
    concurrent: tuple[str, ...] | None
    at: datetime
    unknown: tuple[Unknown, ...] = ()

    def hour(self, zone: str) -> HourOfWeek:
        local = self.at.astimezone(ZoneInfo(zone))
        return HourOfWeek(day=WEEKDAYS[local.weekday()], hour=local.hour)


def factors_of(release: ReleaseSpec, catalog: Catalog, facts: Facts) -> Factors:
    """What is known of *release*; whatever is missing is named."""
    names = [service.name for service in release.services]
    unknown = tuple(_unknown(release, facts))
    missing = {one.what.partition(" of ")[0] for one in unknown}
    change, standing = facts.change or ChangeFacts(), facts.standing
    return Factors(
        churn=None if "churn" in missing else _hot(change, standing),
        coverage=None if "coverage" in missing else _pooled(change),
        on_call=None if "on-call" in missing or facts.on_call is None else facts.on_call.on_call,
        dependants=dependants(names, catalog.services),
        migration=_migration(release, change),
        concurrent=None if standing is None else standing.concurrent,
        at=facts.at,
        unknown=unknown,
    )


def _unknown(release: ReleaseSpec, facts: Facts) -> Iterator[Unknown]:
    told = facts.change or ChangeFacts()
    sources = {source.service: source for source in told.sources}
    reasons = {one.what: one.why for one in told.unknown}
    for service in release.services:
        name = service.name
        source = sources.get(name)
        if source is None:
            why = reasons.get(name, "the release names no source for it")
            yield Unknown(what=f"churn of {name}", why=why)
            yield Unknown(what=f"coverage of {name}", why=why)
            continue
        for why in doubts(source, service.artifact.digest, facts):
            yield Unknown(what=f"churn of {name}", why=why)
        if source.coverage is None and _runs(source):
            why = reasons.get(f"coverage of {name}", "no coverage report is attested for it")
            yield Unknown(what=f"coverage of {name}", why=why)
    yield from _unknown_on_call([service.name for service in release.services], facts)
    if facts.standing is None:
        yield Unknown(what="releases at the same time", why="the ledger was not asked")


def doubts(source: SourceChange, build: Digest, facts: Facts) -> Iterator[str]:
    """Why the commits of *source* may not be all that is new in *build*: who asks names them."""
    shipped = {one.service: one.head for one in facts.standing.shipped} if facts.standing else {}
    before = shipped.get(source.service, source.base)
    if before != source.base:
        yield f"the change is told from {source.base[:12]}, but {before[:12]} was shipped"
    built = _built(build, facts)
    if built and source.head not in built:
        yield f"{source.head[:12]} is named, but {min(built)[:12]} was built"


def _built(build: Digest, facts: Facts) -> frozenset[str]:
    """The commits that provenance says *build* was made of; that of a trusted key, if any is."""
    told = [
        one
        for one in facts.attestations or ()
        if one.artifact == build and isinstance(one.figures, ProvenanceFigures) and not one.flaw
    ]
    trusted = [one for one in told if one.keys] or told
    figures = (one.figures for one in trusted)
    return frozenset(c for f in figures if isinstance(f, ProvenanceFigures) for c in f.commits)


def _unknown_on_call(names: list[str], facts: Facts) -> Iterator[Unknown]:
    known = {one.service for one in facts.on_call.on_call} if facts.on_call else set()
    reasons = {one.what: one.why for one in facts.on_call.unknown} if facts.on_call else {}
    for name in names:
        if name not in known:
            why = reasons.get(name, "its Service names no onCall")
            yield Unknown(what=f"on-call of {name}", why=why)


def _runs(source: SourceChange) -> bool:
    """Whether the change touches anything that tests could run."""
    return "code" in source.classes


def _hot(change: ChangeFacts, standing: Standing | None) -> tuple[HotFile, ...]:
    """Touched files by what happened to them; releases turned back count as incidents, too."""
    troubled = {(t.service, t.path): t for t in standing.troubled} if standing else {}
    hot = [
        _with_trouble(file, troubled.get((source.service, file.path)))
        for source in change.sources
        for file in source.hot
    ]
    return tuple(sorted(hot, key=lambda f: (-f.incidents, -f.commits, -f.authors, f.path)))


def _with_trouble(file: HotFile, trouble: TroubledFile | None) -> HotFile:
    if trouble is None:
        return file
    return file.model_copy(update={"incidents": file.incidents + trouble.incidents})


def _pooled(change: ChangeFacts) -> LineCoverage:
    """All changed lines of all services together."""
    told = [source.coverage for source in change.sources if source.coverage is not None]
    return LineCoverage(
        lines=sum(one.lines for one in told), covered=sum(one.covered for one in told)
    )


_BY_HARM: tuple[MigrationKind, ...] = ("none", "expand", "backfill", "contract")


def _migration(release: ReleaseSpec, change: ChangeFacts) -> Migration:
    """The worst that is said; a schema that is touched while nothing is said is the worst."""
    touched = {s.service: s.schema_paths for s in change.sources if s.schema_paths}
    worst = Migration(kind="none")
    for service in release.services:
        found = Migration(kind=service.migration, because=f"{service.name} says so")
        if service.migration == "none" and service.name in touched:
            because = f"{service.name} touches {touched[service.name][0]} and says nothing of it"
            found = Migration(kind="contract", because=because)
        worst = max(worst, found, key=lambda one: _BY_HARM.index(one.kind))
    return worst

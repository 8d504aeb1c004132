"""SourcesPort: repositories, reports and pagers, asked one after the other."""

from collections.abc import Callable
from datetime import datetime

import structlog

from activities.sources.change import change_of
from activities.sources.coverage import Report, read_report
from activities.sources.pager import Pager
from activities.sources.repository import Repository
from workflows.domain.errors import Refused
from workflows.domain.risk.asking import PagerAsk, SourceAsk
from workflows.domain.risk.facts import ChangeFacts, OnCall, OnCallFacts, SourceChange, Unknown
from workflows.domain.risk.fatigue import WINDOW, on_call_of
from workflows.domain.values import Digest, Provider, digest_of
from workflows.ports.sources import ReadChange, ReadOnCall, SourcesPort

log = structlog.get_logger(__name__)


class SourcesActivities(SourcesPort):
    """Asks the systems that the catalog names; what one of them does not know is told as unknown.

    *report* gives the file of a digest, as it was kept.
    """

    def __init__(
        self,
        repository_for: Callable[[Provider], Repository],
        pager_for: Callable[[Provider], Pager],
        *,
        report: Callable[[Digest], bytes],
    ) -> None:
        self._repository_for = repository_for
        self._pager_for = pager_for
        self._report = report

    def read_change(self, ask: ReadChange) -> ChangeFacts:
        found: list[SourceChange] = []
        unknown: list[Unknown] = []
        for source in ask.sources:
            try:
                found.append(self._change(source, unknown))
            except Refused as refused:
                unknown.append(Unknown(what=source.service, why=str(refused)[:500]))
                log.warning("change_unknown", service=source.service, problem=str(refused))
        return ChangeFacts(sources=tuple(found), unknown=tuple(unknown))

    def read_on_call(self, ask: ReadOnCall) -> OnCallFacts:
        found: list[OnCall] = []
        unknown: list[Unknown] = []
        for pager in ask.pagers:
            try:
                found.append(self._on_call(pager, ask.at))
            except Refused as refused:
                unknown.append(Unknown(what=pager.service, why=str(refused)[:500]))
                log.warning("on_call_unknown", service=pager.service, problem=str(refused))
        return OnCallFacts(on_call=tuple(found), unknown=tuple(unknown))

    def _change(self, ask: SourceAsk, unknown: list[Unknown]) -> SourceChange:
        between = self._repository_for(ask.repository).between(ask.base, ask.head)
        report: Report | None = None
        if ask.coverage is not None:
            try:
                report = self._read(ask.coverage)
            except Refused as refused:
                what = f"coverage of {ask.service}"
                unknown.append(Unknown(what=what, why=str(refused)[:500]))
        return change_of(ask, between, report)

    def _read(self, digest: Digest) -> Report:
        content = self._report(digest)
        if (found := digest_of(content)) != digest:
            raise Refused(f"the report kept as {digest} is {found}: it is not believed")
        return read_report(content)

    def _on_call(self, ask: PagerAsk, at: datetime) -> OnCall:
        pager = self._pager_for(ask.pager)
        pages = pager.pages(ask.known_as, since=at - WINDOW, until=at)
        since = None if ask.schedule is None else pager.shift_began(ask.schedule, at=at)
        return on_call_of(ask.service, pages, at=at, zone=ask.time_zone, since=since)

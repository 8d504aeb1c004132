"""What exists with our tags, beside the stories that live: an orphan has none."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey

from starters.asking import asked
from starters.environments.stories import of_each
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.releases import described
from workflows.domain.environments.census import Census, Tag
from workflows.domain.errors import Refused
from workflows.domain.names import Attribute, environment_id
from workflows.domain.values import Provider, View
from workflows.ports.environments import EnvironmentsPort, FindTagged, TakeCensus

PATIENCE = timedelta(minutes=5)
"""A provider that counts by tag answers in pages, and no faster than its limits allow."""
_MOST_PAGES = 1000

AskT = TypeVar("AskT", FindTagged, TakeCensus)
AnswerT = TypeVar("AnswerT")


class Counted(View):
    """One environment of which something exists, and whether anybody looks after it."""

    environment: str
    provider: str
    owner: str = ""
    team: str = ""
    template: str = ""
    expiry: str = ""
    hold: str = ""
    """Why nothing may touch it, as its tag says."""
    protected: bool = False
    """Whether only a person may have it torn down, as its tag says."""
    phase: str = ""
    """Where its story stands; empty where none lives."""

    @property
    def orphan(self) -> bool:
        return not self.phase

    @property
    def mark(self) -> str:
        """What is to be known of it first; empty for one that is as it should be."""
        marks = {"orphan": self.orphan, "held": bool(self.hold), "protected": self.protected}
        return ", ".join(mark for mark, has in marks.items() if has)


class Everything(View):
    """Every environment of which anything was found, by name."""

    environments: tuple[Counted, ...] = ()
    unreadable: tuple[str, ...] = ()
    """Lists that could not be read, and why: what they alone have was not found."""

    @property
    def orphaned(self) -> bool:
        """Whether any of them has no living story."""
        return any(one.orphan for one in self.environments)


async def everything(client: Client, providers: Iterable[Provider]) -> Everything:
    """Every environment of which anything exists at *providers*, as far as they could be read.

    Raises:
        CommandFailed: the worker has no such connection (USAGE).
        NobodyAnswers: a provider could not be asked: what it has is not known.
    """
    found: dict[str, Counted] = {}
    unreadable: list[str] = []
    for provider in providers:
        tagged, unread = await _tagged(client, provider)
        unreadable += [f"{provider}: {why}" for why in unread]
        for name, tags in tagged.items():
            found.setdefault(name, _counted(name, provider, tags))
    phases = await of_each(found, lambda name: _phase(client, name))
    with_phases = zip(found.values(), phases, strict=True)
    listed = (one.model_copy(update={"phase": phase}) for one, phase in with_phases)
    by_name = sorted(listed, key=lambda one: one.environment)
    return Everything(environments=tuple(by_name), unreadable=tuple(unreadable))


async def census(client: Client, name: str, provider: Provider) -> tuple[Census, str]:
    """All that exists of one environment, and the phase of its story; empty where none lives.

    Raises:
        CommandFailed: the worker has no such connection (USAGE).
        NobodyAnswers: the provider could not be asked.
    """
    ask = TakeCensus(environment=name, provider=provider)
    counted = await _answered(client, EnvironmentsPort.take_census, ask, f"census/{name}")
    return counted, await _phase(client, name)


async def _tagged(
    client: Client, provider: Provider
) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """The tags of each environment by its name, and what could not be read."""
    found: dict[str, dict[str, str]] = {}
    unreadable: list[str] = []
    page = ""
    for _ in range(_MOST_PAGES):
        ask = FindTagged(provider=provider, page=page)
        answer = await _answered(client, EnvironmentsPort.find_tagged, ask, f"tagged/{provider}")
        unreadable += answer.unreadable
        found.update({n: tags for n, tags in answer.environments.items() if n not in found})
        if not (page := answer.page):
            return found, tuple(unreadable)
    unreadable.append(f"more than {_MOST_PAGES} pages of what carries our tags")
    return found, tuple(unreadable)


async def _answered(
    client: Client,
    method: Callable[[EnvironmentsPort, AskT], AnswerT],
    ask: AskT,
    about: str,
) -> AnswerT:
    """What is not allowed at the provider is in the answer: a refusal is of the connection."""
    try:
        return await asked(client, method, ask, about=about, patience=PATIENCE)
    except Refused as refused:
        raise CommandFailed(str(refused), ExitCode.USAGE) from refused


def _counted(name: str, provider: Provider, tags: dict[str, str]) -> Counted:
    return Counted(
        environment=name,
        provider=str(provider),
        owner=tags.get(Tag.OWNER, ""),
        team=tags.get(Tag.TEAM, ""),
        template=tags.get(Tag.TEMPLATE, ""),
        expiry=tags.get(Tag.EXPIRY, ""),
        hold=tags.get(Tag.HOLD, ""),
        protected=Tag.PROTECTED in tags,
    )


async def _phase(client: Client, name: str) -> str:
    """The phase that its living story last showed; its id is asked, which is never late."""
    description = await described(client, environment_id(name))
    if description is None or description.status is not WorkflowExecutionStatus.RUNNING:
        return ""
    key = SearchAttributeKey.for_keyword(Attribute.PHASE)
    return description.typed_search_attributes.get(key) or "living"

"""What exists with our tags, beside the stories that live: an orphan has none."""

from collections.abc import Iterable
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey

from starters.asking import asked
from starters.environments.stories import of_each
from starters.failures import CommandFailed
from starters.releases import described
from workflows.domain.environments.census import Census, Tag
from workflows.domain.names import Attribute, environment_id
from workflows.domain.values import Provider, View
from workflows.ports.environments import EnvironmentsPort, FindTagged, TakeCensus

PATIENCE = timedelta(minutes=5)
"""A provider that counts by tag answers in pages, and no faster than its limits allow."""
_MOST_PAGES = 1000


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


async def everything(client: Client, providers: Iterable[Provider]) -> tuple[Counted, ...]:
    """Every environment of which anything exists at *providers*, by name.

    Raises:
        NobodyAnswers: a provider could not be asked: what it has is not known.
        CommandFailed: a list of a provider could not be read: what that alone has is not known.
    """
    found: dict[str, Counted] = {}
    for provider in providers:
        for name, tags in (await _tagged(client, provider)).items():
            found.setdefault(name, _counted(name, provider, tags))
    phases = await of_each(found, lambda name: _phase(client, name))
    with_phases = zip(found.values(), phases, strict=True)
    listed = (one.model_copy(update={"phase": phase}) for one, phase in with_phases)
    return tuple(sorted(listed, key=lambda one: one.environment))


async def census(client: Client, name: str, provider: Provider) -> tuple[Census, str]:
    """All that exists of one environment, and the phase of its story; empty where none lives.

    Raises:
        NobodyAnswers: the provider could not be asked.
    """
    counted = await asked(
        client,
        EnvironmentsPort.take_census,
        TakeCensus(environment=name, provider=provider),
        about=f"census/{name}",
        patience=PATIENCE,
    )
    return counted, await _phase(client, name)


async def _tagged(client: Client, provider: Provider) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    page = ""
    for _ in range(_MOST_PAGES):
        answer = await asked(
            client,
            EnvironmentsPort.find_tagged,
            FindTagged(provider=provider, page=page),
            about=f"tagged/{provider}",
            patience=PATIENCE,
        )
        if answer.unreadable:
            raise CommandFailed(
                f"{provider} could not be read whole, so that environments may be missing: "
                f"{'; '.join(answer.unreadable)}; let its worker read that, or name one"
            )
        found.update({n: tags for n, tags in answer.environments.items() if n not in found})
        if not (page := answer.page):
            return found
    raise CommandFailed(f"{provider} has more than {_MOST_PAGES} pages of what carries our tags")


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

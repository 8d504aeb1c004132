"""Finding every environment that anything exists of, page by page."""

from activities.aws import in_release_words
from activities.environments.presence import told_or_true
from activities.environments.provisioner import AwsClients
from activities.environments.sources import ALL, Marked, Source
from workflows.domain.environments.census import Tag
from workflows.domain.errors import Refused
from workflows.ports.environments import FindTagged, Tagged


class Finder:
    """Looks through one account and region; changes nothing."""

    def __init__(self, clients: AwsClients, sources: tuple[Source, ...] = ALL) -> None:
        self._clients = clients
        self._sources = {source.name: source for source in sources}
        self._names = list(self._sources)

    def find(self, ask: FindTagged) -> Tagged:
        """See EnvironmentsPort.find_tagged; a page may be empty and not be the last.

        A page's name is that of the list that it is from, and where in it.

        Raises:
            Unavailable: a service does not answer, or throttles.
            Refused: there is no such page.
        """
        name, _, token = ask.page.partition("/") if ask.page else (self._names[0], "", "")
        if name not in self._sources:
            raise Refused(f"page {ask.page!r} is in none of {', '.join(self._names)}")
        try:
            with in_release_words(f"{name}: what is tagged for any environment"):
                page = self._sources[name].page(self._clients, None, token)
        except Refused as error:
            return Tagged(page=self._after(name), unreadable=(str(error),))
        onward = f"{name}/{page.next}" if page.next else self._after(name)
        return Tagged(environments=self._environments(page.marked), page=onward)

    def _after(self, name: str) -> str:
        """The first page of the next list; none after the last one."""
        following = self._names[self._names.index(name) + 1 :]
        return f"{following[0]}/" if following else ""

    def _environments(self, marked: tuple[Marked, ...]) -> dict[str, dict[str, str]]:
        """Those of which one thing at least is there; a hold on any of it is among its tags."""
        found: dict[str, dict[str, str]] = {}
        for each in marked:
            if Tag.SNAPSHOT in each.tags:
                continue
            name = each.tags[Tag.ENVIRONMENT]
            if name not in found and self._is_of_it(each):
                found[name] = dict(each.tags)
            if name in found and Tag.HOLD in each.tags:
                found[name][Tag.HOLD] = each.tags[Tag.HOLD]
        return found

    def _is_of_it(self, marked: Marked) -> bool:
        """Whether it is there, and nothing that is kept on purpose."""
        tags = told_or_true(self._clients, marked)
        return tags is not None and Tag.SNAPSHOT not in tags

"""Runbooks as they lie in a catalog, and what was said of them, through the ledger's worker."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from starters.asking import asked
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.problems import FilesRefused, nearest
from starters.releases import executions, handle_of
from workflows.domain.errors import PolicyViolated, ProofRefused
from workflows.domain.gates.guarding import identity_map
from workflows.domain.names import Attribute
from workflows.domain.people.identity import AccountKind, Assurance
from workflows.domain.readiness.reviews import Rehearsal, Review, Reviews
from workflows.domain.readiness.runbooks import prose, runbook_digest
from workflows.domain.release.phase import Phase
from workflows.domain.spec import Catalog, RunbookSpec
from workflows.domain.values import Digest
from workflows.ports.reviews import ReadReviews, RecordRehearsal, RecordReview, ReviewsPort
from workflows.release import ReleaseWorkflow

_WAITING = (Phase.AWAITING_APPROVAL, Phase.AWAITING_EVIDENCE)
_MOST = 200


@dataclass(frozen=True)
class KnownRunbook:
    """A runbook of a catalog, and the content address of all that it says."""

    name: str
    spec: RunbookSpec
    catalog: Catalog

    @property
    def digest(self) -> Digest:
        return runbook_digest(self.name, self.spec, self.catalog.files)

    @property
    def is_proven(self) -> bool:
        """Whether any policy of the catalog lets only proven reviews count."""
        policies = self.catalog.policies.values()
        return any(policy.identity is Assurance.PROVEN for policy in policies)

    @property
    def page(self) -> str:
        """All that it says, as Markdown: what whoever reviews it has to read."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        spec, files = self.spec, self.catalog.files
        yield from (f"# {spec.title}", "", f"by {spec.author}", "", "## Steps", "")
        yield from (prose(spec.steps, files).rstrip(), "")
        if spec.commands:
            yield from ("## Commands", "")
        for command in spec.commands:
            expect = f", expect: {command.expect}" if command.expect else ""
            yield from (f"- {command.name}{expect}", "", f"      {command.run}", "")
        yield from ("## Verification", "", prose(spec.verification, files).rstrip(), "")
        yield from ("## Rollback plan", "", prose(spec.rollback_plan, files).rstrip())


def known_runbooks(folder: Path) -> tuple[KnownRunbook, ...]:
    """Every runbook of the catalog in *folder*.

    Raises:
        FilesRefused: with every problem of the catalog, if it has one.
    """
    read = read_catalog(folder)
    if read.problems:
        raise FilesRefused(read.problems)
    catalog: Catalog = catalog_of(read)
    return tuple(
        KnownRunbook(name=name, spec=spec, catalog=catalog)
        for name, spec in sorted(catalog.runbooks.items())
    )


def known_runbook(name: str, folder: Path) -> KnownRunbook:
    """The runbook *name* of the catalog in *folder*.

    Raises:
        FilesRefused: with every problem of the catalog, if it has one.
        CommandFailed: the catalog has no runbook of that name (USAGE).
    """
    known = known_runbooks(folder)
    found = next((runbook for runbook in known if runbook.name == name), None)
    if found is None:
        near = nearest(name, [runbook.name for runbook in known])
        raise CommandFailed(f"no Runbook {name} in {folder}; {near}", ExitCode.USAGE)
    return found


async def reviews_of(client: Client, names: tuple[str, ...]) -> Reviews:
    """What was said last of the runbooks of these names.

    Raises:
        NobodyAnswers: no worker reads the ledger.
    """
    ask = ReadReviews(runbooks=names)
    return await asked(client, ReviewsPort.read_reviews, ask, about="runbooks/reviews")


async def keep(
    client: Client, said: Review | Rehearsal, runbook: KnownRunbook, *, proof: str | None = None
) -> int:
    """Record *said*, and have waiting releases ruled on anew; how many those are.

    Raises:
        CommandFailed: it is the author's own review (DENIED).
        NobodyAnswers: no worker writes the ledger.
    """
    try:
        if isinstance(said, Review):
            accounts = identity_map(runbook.catalog).of_kind(AccountKind.OIDC)
            ask = RecordReview(
                review=said,
                author=runbook.spec.author,
                proof=proof,
                accounts=accounts if proof else {},
            )
            await asked(client, ReviewsPort.record_review, ask, about="runbooks/review")
        else:
            told = RecordRehearsal(rehearsal=said)
            await asked(client, ReviewsPort.record_rehearsal, told, about="runbooks/rehearsal")
    except (PolicyViolated, ProofRefused) as refused:
        raise CommandFailed(f"the review does not count: {refused}", ExitCode.DENIED) from refused
    return await _rule_anew(client)


async def _rule_anew(client: Client) -> int:
    """Tell every release that waits at a gate that something came for it to go by."""
    phases = ", ".join(f"'{phase}'" for phase in _WAITING)
    condition = f"ExecutionStatus = 'Running' AND {Attribute.PHASE} IN ({phases})"
    waiting = [e.id async for e in executions(client, condition, limit=_MOST)]
    for release in waiting:
        await handle_of(client, release).signal(ReleaseWorkflow.evidence_arrived)
    return len(waiting)

"""May approval open by the runbook: who reviewed it as it is, and when it was last rehearsed."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum

from pydantic import JsonValue

from workflows.domain.admission.facts import Facts
from workflows.domain.audit import Moment
from workflows.domain.canonical import content_digest
from workflows.domain.durations import write_duration
from workflows.domain.gates.escalation import holders
from workflows.domain.gates.vote import is_same_person
from workflows.domain.people.identity import Account, AccountKind, Assurance, IdentityMap
from workflows.domain.readiness.reviews import Rehearsal, Review, Reviews
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.plan import PlannedRunbook
from workflows.domain.spec import Catalog, PolicySpec
from workflows.domain.spec.release import ReleaseSpec
from workflows.domain.spec.runbook import Prose, RunbookRuleSpec, RunbookSpec
from workflows.domain.values import Digest, FileName, View, short


class RunbookState(StrEnum):
    REVIEWED = "reviewed"
    UNREVIEWED = "unreviewed"
    EDITED = "edited"
    """It was reviewed, and is not any more what was reviewed."""
    REJECTED = "rejected"
    UNREHEARSED = "unrehearsed"
    UNKNOWN = "unknown"
    """Its reviews could not be read, and unknown is not reviewed."""


class RunbookRuling(View):
    """Whether the runbook of a release is fit for approval to open in one environment."""

    environment: str
    runbook: str
    title: str
    author: str
    digest: Digest
    state: RunbookState
    why: str
    reviewed_by: tuple[str, ...] = ()
    can_be_cleared_by: tuple[str, ...] = ()
    rehearsed_at: Moment | None = None

    @property
    def stands(self) -> bool:
        """Whether approval may open."""
        return self.state is RunbookState.REVIEWED


def runbook_digest(name: str, spec: RunbookSpec, files: Mapping[FileName, str]) -> Digest:
    """The content address of a runbook with the text of every file that it names.

    Text that moves from the document into a file, word for word, is still the same runbook; any
    other change is not.
    """
    content: dict[str, JsonValue] = spec.model_dump(mode="json", by_alias=True)
    for field in ("steps", "verification", "rollback_plan"):
        alias = RunbookSpec.model_fields[field].alias or field
        content[alias] = prose(getattr(spec, field), files)
    return content_digest({"runbook": name, "spec": content})


def prose(part: Prose, files: Mapping[FileName, str]) -> str:
    """The words of *part*; those of a file that is missing say so, and have their own digest."""
    if part.file is not None:
        return files.get(part.file, f"(the file {part.file} is missing)")
    return part.text or ""


def named_runbooks(order: ReleaseOrder) -> tuple[str, ...]:
    """The runbooks that *order* names, read from its documents as they were written."""
    found: JsonValue = order.release
    for part in ("spec", "rollback", "runbookRef"):
        found = found.get(part) if isinstance(found, dict) else None
    return (found,) if isinstance(found, str) else ()


def planned_runbook(release: ReleaseSpec, catalog: Catalog) -> PlannedRunbook | None:
    """The runbook that *release* names, pinned to what it says now."""
    ref = release.rollback.runbook_ref
    if ref is None or ref not in catalog.runbooks:
        return None
    digest = runbook_digest(ref, catalog.runbooks[ref], catalog.files)
    return PlannedRunbook(name=ref, digest=digest)


def missing_runbooks(release: ReleaseSpec, catalog: Catalog) -> Iterator[str]:
    """Name what no review can mend: no runbook where one is asked for, or nobody to review it."""
    ref = release.rollback.runbook_ref
    if ref is not None and ref not in catalog.runbooks:
        known = ", ".join(sorted(catalog.runbooks)) or "none at all"
        yield f"rollback.runbookRef: Runbook {ref!r} is not in the catalog, which has {known}"
        return
    if ref is None and release.rollback.rehearsal is not None:
        yield "rollback.rehearsal: there is no runbook to rehearse; name one as runbookRef"
    for environment, rule in _rules(release, catalog):
        if ref is None:
            if rule.required:
                yield (
                    f"environment {environment!r} asks for a runbook, and the release names none: "
                    "write rollback.runbookRef"
                )
            continue
        able = _reviewers(catalog.runbooks[ref], rule, catalog)
        if len(able) < rule.reviews:
            role = f" of role {rule.role!r}" if rule.role else ""
            yield (
                f"environment {environment!r} needs {rule.reviews} reviews of Runbook {ref!r}"
                f"{role} by others than {catalog.runbooks[ref].author}, and the catalog knows "
                f"{len(able)} people who could"
            )


def rule_on_runbooks(
    release: ReleaseSpec, catalog: Catalog, facts: Facts | None
) -> tuple[RunbookRuling, ...]:
    """A ruling for every environment whose approval waits for the release's runbook.

    Where no reviews were read it is unknown whether there are any, and unknown does not stand.
    """
    ref = release.rollback.runbook_ref
    if ref is None or ref not in catalog.runbooks:
        return ()
    rehearsal = release.rollback.rehearsal
    rulings = []
    for environment, rule in _rules(release, catalog):
        spans = [rule.rehearsed_within, rehearsal.within if rehearsal else None]
        within = min((span for span in spans if span is not None), default=None)
        rulings.append(_ruling(environment, ref, rule, catalog, facts, within=within))
    return tuple(rulings)


def _ruling(
    environment: str,
    name: str,
    rule: RunbookRuleSpec,
    catalog: Catalog,
    facts: Facts | None,
    *,
    within: timedelta | None,
) -> RunbookRuling:
    found = facts.reviews if facts is not None else None
    if found is not None and _policy_of(environment, catalog).identity is Assurance.PROVEN:
        found = _proven(found, catalog)
    spec = catalog.runbooks[name]
    digest = runbook_digest(name, spec, catalog.files)
    able = _reviewers(spec, rule, catalog)
    words = _latest(found, name, digest, able) if found is not None else {}
    approving = tuple(sorted(who for who, review in words.items() if review.approved))
    rehearsed = _rehearsed(found, name, digest)
    state, why = _standing(name, digest=digest, rule=rule, found=found, words=words, able=able)
    if state is RunbookState.REVIEWED and within is not None and facts is not None:
        state, why = _rehearsal_standing(why, rehearsed, within=within, at=facts.at)
    return RunbookRuling(
        environment=environment,
        runbook=name,
        title=spec.title,
        author=spec.author,
        digest=digest,
        state=state,
        why=why,
        reviewed_by=approving,
        can_be_cleared_by=() if state is RunbookState.REVIEWED else able,
        rehearsed_at=rehearsed.at if rehearsed else None,
    )


def _standing(
    name: str,
    *,
    digest: Digest,
    rule: RunbookRuleSpec,
    found: Reviews | None,
    words: Mapping[str, Review],
    able: tuple[str, ...],
) -> tuple[RunbookState, str]:
    if found is None:
        return RunbookState.UNKNOWN, "its reviews could not be read"
    rejecting = [review for review in words.values() if not review.approved]
    if rejecting:
        note = f": {rejecting[0].note}" if rejecting[0].note else ""
        return RunbookState.REJECTED, f"{rejecting[0].reviewer} rejects it{note}"
    approving = sorted(words)
    if len(approving) >= rule.reviews:
        told = (f"{name} ({words[name].assurance})" for name in approving)
        return RunbookState.REVIEWED, f"reviewed by {', '.join(told)}"
    missing = f"{len(approving)} of {rule.reviews} reviews"
    before = [r for r in found.reviews if r.runbook == name and r.digest != digest]
    earlier = [r for r in before if r.approved and _name_of(r.reviewer, able) is not None]
    if earlier and not approving:
        newest = max(earlier, key=lambda review: review.at)
        return RunbookState.EDITED, (
            f"edited since {newest.reviewer} reviewed it: that was {short(newest.digest)}, this "
            f"is {short(digest)}"
        )
    return RunbookState.UNREVIEWED, f"{missing} by others than its author"


def _rehearsal_standing(
    why: str, rehearsed: Rehearsal | None, *, within: timedelta, at: Moment
) -> tuple[RunbookState, str]:
    span = write_duration(within)
    if rehearsed is None:
        return RunbookState.UNREHEARSED, f"not rehearsed as it is; asked for within {span}"
    if not rehearsed.passed:
        return RunbookState.UNREHEARSED, f"{rehearsed.by} rehearsed it and it did not work"
    if at - rehearsed.at > within:
        return RunbookState.UNREHEARSED, (
            f"last rehearsed {rehearsed.at:%Y-%m-%d %H:%MZ}, which is more than {span} ago"
        )
    return RunbookState.REVIEWED, f"{why}; rehearsed {rehearsed.at:%Y-%m-%d %H:%MZ}"


def _latest(found: Reviews, name: str, digest: Digest, able: tuple[str, ...]) -> dict[str, Review]:
    """The last word of everybody whose review counts, on exactly this content."""
    latest: dict[str, Review] = {}
    for review in sorted(found.reviews, key=lambda one: one.at):
        who = _name_of(review.reviewer, able)
        if who is not None and review.runbook == name and review.digest == digest:
            latest[who] = review
    return latest


def _rehearsed(found: Reviews | None, name: str, digest: Digest) -> Rehearsal | None:
    """The newest rehearsal of exactly this content."""
    same = [
        r for r in (found.rehearsals if found else ()) if (r.runbook, r.digest) == (name, digest)
    ]
    return max(same, key=lambda one: one.at, default=None)


def _reviewers(spec: RunbookSpec, rule: RunbookRuleSpec, catalog: Catalog) -> tuple[str, ...]:
    """Who may review it: people of the role that is asked for, never its author."""
    able = sorted(catalog.people) if rule.role is None else holders(rule.role, catalog.people)
    return tuple(name for name in able if not is_same_person(name, spec.author))


def _proven(found: Reviews, catalog: Catalog) -> Reviews:
    """The reviews whose account is traced to their reviewer: what is only asserted is nothing."""
    humans = IdentityMap({name: person.accounts.all for name, person in catalog.people.items()})

    def is_theirs(review: Review) -> bool:
        kind, _, account = (review.account or "").partition(":")
        if kind != AccountKind.OIDC:
            return False
        human = humans.human(Account(kind=AccountKind.OIDC, id=account))
        return human is not None and is_same_person(human, review.reviewer)

    theirs = tuple(review for review in found.reviews if is_theirs(review))
    return found.model_copy(update={"reviews": theirs})


def _policy_of(environment: str, catalog: Catalog) -> PolicySpec:
    return catalog.policies[catalog.environments[environment].policy_ref or ""]


def _name_of(person: str, able: tuple[str, ...]) -> str | None:
    return next((name for name in able if is_same_person(name, person)), None)


def _rules(release: ReleaseSpec, catalog: Catalog) -> Iterator[tuple[str, RunbookRuleSpec]]:
    """What each environment asks of the runbook; one with approvals asks for a review of any."""
    for stop in release.environments:
        environment = catalog.environments.get(stop.name)
        ref = environment.policy_ref if environment else None
        if ref is not None and (policy := catalog.policies.get(ref)) is not None:
            yield stop.name, policy.runbook or RunbookRuleSpec(required=False)

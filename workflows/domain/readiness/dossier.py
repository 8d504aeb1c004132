"""The dossier of a readiness review: one bounded page, sealed by its content address."""

from collections.abc import Collection, Iterator

from workflows.domain.canonical import content_digest
from workflows.domain.spec.readiness import Aspect
from workflows.domain.values import Digest, Value, digest_of

_LINES = 40
_WIDEST = 240
_DIFFERENCES = 30

TITLES = {
    Aspect.MANIFEST: "What goes, where, and how",
    Aspect.RISK: "Class and risk",
    Aspect.EVIDENCE: "Criteria",
    Aspect.RUNBOOK: "Runbook and the way back",
    Aspect.RULES: "Findings of the rules",
    Aspect.CALENDAR: "When",
}


class Section(Value):
    """What there is to know of one aspect; *digest* is of all of it, however much is shown."""

    aspect: Aspect
    lines: tuple[str, ...]
    digest: Digest


class Dossier(Value):
    """What a readiness review decides on, as it was when the review was opened."""

    release: str
    name: str
    environment: str
    decision_digest: Digest
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """The page as it is sealed: Markdown, the same for the same content."""
        lines = [f"# Readiness of {self.name} for {self.environment}", ""]
        lines += [f"release `{self.release}`, decision `{self.decision_digest}`", ""]
        for section in self.sections:
            lines += [f"## {TITLES[section.aspect]}", ""]
            lines += [f"- {line}" for line in section.lines or ("nothing is known",)]
            lines += [f"- content `{section.digest}`", ""]
        return "\n".join(lines)

    @property
    def digest(self) -> Digest:
        """What every word of the review names."""
        return digest_of(self.text)

    def of(self, aspect: Aspect) -> Section | None:
        return next((one for one in self.sections if one.aspect is aspect), None)


def section(aspect: Aspect, lines: Collection[str], *, content: Digest | None = None) -> Section:
    """The section of *aspect*: as many *lines* as one page holds, and the digest of all of it.

    *content* is what the aspect is, where that is more than the lines tell.
    """
    told = [" ".join(line.split()) for line in lines]
    shown = [line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…" for line in told[:_LINES]]
    if len(told) > _LINES:
        shown.append(f"and {len(told) - _LINES} more")
    return Section(aspect=aspect, lines=tuple(shown), digest=content or content_digest(list(told)))


def changed(before: Dossier, now: Dossier) -> tuple[Aspect, ...]:
    """The aspects that are not what they were."""
    return tuple(
        aspect
        for aspect in Aspect
        if (old := before.of(aspect)) != (new := now.of(aspect))
        and (old.digest if old else None) != (new.digest if new else None)
    )


def difference(before: Dossier, now: Dossier) -> tuple[str, ...]:
    """What changed, line by line, in the words of the dossier; bounded like it."""
    told = list(_differences(before, now))
    if len(told) > _DIFFERENCES:
        told = [*told[:_DIFFERENCES], f"and {len(told) - _DIFFERENCES} more lines"]
    return tuple(told)


def _differences(before: Dossier, now: Dossier) -> Iterator[str]:
    for aspect in changed(before, now):
        old, new = before.of(aspect), now.of(aspect)
        were = old.lines if old else ()
        are = new.lines if new else ()
        gone = [line for line in were if line not in are]
        come = [line for line in are if line not in were]
        yield from (f"{aspect} - {line}" for line in gone)
        yield from (f"{aspect} + {line}" for line in come)
        if not gone and not come:
            yield f"{aspect}: changed in what this page has no room for"

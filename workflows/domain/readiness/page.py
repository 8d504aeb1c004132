"""A readiness review as the Markdown page that people read in the Temporal UI."""

from collections.abc import Iterator

from workflows.domain.readiness.readiness import ReadinessState, ReadinessView

_LIMIT = 18_000
"""Temporal keeps at most 20 000 bytes of current details."""
_MOMENT = "%Y-%m-%d %H:%MZ"


def readiness_page(view: ReadinessView, dossier: str) -> str:
    """Where it stands, who has to speak, who was asked, what changed, and the dossier itself."""
    page = "\n".join([*_standing(view), *_words(view), *_asked(view), *_changed(view), dossier])
    if len(page.encode()) <= _LIMIT:
        return page
    cut = page.encode()[:_LIMIT].decode(errors="ignore")
    return f"{cut}\n\n… cut; `lockgate readiness show` prints the whole dossier"


def _standing(view: ReadinessView) -> Iterator[str]:
    yield f"## Readiness of {view.name} for {view.environment}: {view.state}"
    yield ""
    yield f"**{view.reason}**"
    yield ""
    if view.state is ReadinessState.SCHEDULED and view.opens_at is not None:
        yield f"opens at {view.opens_at:{_MOMENT}}"
    if view.due_at is not None:
        yield f"the release could start at {view.due_at:{_MOMENT}}"
    if view.state in _WAITS:
        yield f"say so: `lockgate readiness go {view.name}` or `lockgate readiness no-go`"
    yield ""


_WAITS = frozenset({ReadinessState.OPEN, ReadinessState.SILENT, ReadinessState.NO_GO})


def _words(view: ReadinessView) -> Iterator[str]:
    for word in view.words:
        said = "go" if word.approved else "no-go"
        note = f": {' '.join(word.note.split())}" if word.note else ""
        yield f"- **{word.voter}** ({word.assurance}) says {said}{note}"
    yield from (f"- **{role}** has not said go" for role in view.missing)
    yield ""


def _asked(view: ReadinessView) -> Iterator[str]:
    if (escalation := view.escalation) is None:
        return
    yield f"asked now: {escalation.owner}"
    yield from (f"- {notice} at {notice.at:{_MOMENT}}" for notice in escalation.told[-10:])
    if escalation.escalates_at is not None:
        yield f"- next, at {escalation.escalates_at:{_MOMENT}}: {escalation.escalates_to}"
    yield ""


def _changed(view: ReadinessView) -> Iterator[str]:
    if not view.difference:
        return
    yield f"opened anew, for the {_nth(view.round)} time, because this changed:"
    yield from (f"- {' '.join(line.split())}" for line in view.difference)
    yield ""


def _nth(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")

"""The page of an evidence pack that a person reads first."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.audit_log.controls import ControlFinding, ControlSet, Shown
from workflows.domain.audit_log.pack import ChainPart

_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;padding:.3em .5em;"
    "text-align:left;vertical-align:top}code{font-size:90%;word-break:break-all}"
    ".gap{color:#a40000}.met{color:#1a6b1a}"
)
_MOST_PLACES = 12


def index_page(
    parts: Sequence[ChainPart],
    *,
    at: datetime,
    by: str,
    newest: Checkpoint,
    keys: Sequence[str],
    controls: ControlSet | None,
    findings: Sequence[ControlFinding],
) -> str:
    """HTML without scripts, pictures or anything from elsewhere."""
    body = [
        *_opening(at, by, newest, keys),
        *(_controls(controls, findings) if controls is not None else ()),
        "<h2>What is in it</h2>",
        *_chains(parts),
        *(line for number, part in enumerate(parts, start=1) for line in _records(number, part)),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Lockgate evidence pack</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _opening(at: datetime, by: str, newest: Checkpoint, keys: Sequence[str]) -> Iterator[str]:
    yield "<h1>Lockgate evidence pack</h1>"
    yield (
        f"<p>Exported {_moment(at)} by {escape(by)}. Each record below is under a checkpoint of "
        f"{newest.size} records of the log <b>{escape(newest.origin)}</b>, sealed "
        f"{_moment(newest.at)}.</p>"
    )
    yield (
        "<p>Whoever holds the file can change this page; the file as a whole cannot be changed "
        "unnoticed. Verify it before you read on, without a network and without us:</p>"
        "<pre>lockgate audit verify --export FILE --key KEY</pre>"
        "<p>where each KEY is one that you know from elsewhere, and not from this page. It was "
        "signed with:</p><ul>"
    )
    yield from (f"<li><code>{escape(key)}</code></li>" for key in keys)
    yield "</ul>"


def _controls(controls: ControlSet, findings: Sequence[ControlFinding]) -> Iterator[str]:
    yield f"<h2>{escape(controls.title)}</h2><p>{escape(controls.note)}</p>"
    yield "<table><tr><th>control</th><th>what shows it</th><th>gaps</th></tr>"
    for finding in findings:
        beyond = (
            f"<p><i>Not shown here:</i> {escape(finding.beyond)}</p>" if finding.beyond else ""
        )
        gaps = "".join(f'<li class="gap">{escape(gap)}</li>' for gap in finding.gaps)
        told = f"<ul>{gaps}</ul>" if gaps else '<span class="met">none</span>'
        shown = "".join(f"<li>{_shown(one)}</li>" for one in finding.shown)
        yield (
            f'<tr id="{escape(finding.id)}"><td><b>{escape(finding.title)}</b><br>'
            f"<small>{escape(finding.id)}; {escape(finding.reference)}</small>"
            f"<p>{escape(finding.asks)}</p></td><td><ul>{shown}</ul>{beyond}</td><td>{told}</td></tr>"
        )
    yield "</table>"


def _shown(shown: Shown) -> str:
    places = [f"{escape(place.chain)} {place.position}" for place in shown.places[:_MOST_PLACES]]
    if len(shown.places) > _MOST_PLACES:
        places.append(f"and {len(shown.places) - _MOST_PLACES} more")
    told = ", ".join(places) or "no record"
    return f"{escape(shown.shows)}: <small>{told}</small>"


def _chains(parts: Sequence[ChainPart]) -> Iterator[str]:
    headings = ("chain", "records", "sealed", "rulings", "file")
    yield f"<table><tr>{''.join(f'<th>{heading}</th>' for heading in headings)}</tr>"
    for number, part in enumerate(parts, start=1):
        yield (
            f'<tr><td><a href="#c{number}">{escape(part.chain)}</a></td><td>{len(part.links)}</td>'
            f"<td>{len(part.proofs)}</td><td>{len(part.decisions)}</td>"
            f"<td><code>records/{number:04d}.jsonl</code></td></tr>"
        )
    yield "</table>"


def _records(number: int, part: ChainPart) -> Iterator[str]:
    yield f'<h3 id="c{number}">{escape(part.chain)}</h3>'
    yield "<table><tr><th></th><th>at</th><th>what</th><th>outcome</th><th>who</th></tr>"
    for link in part.links:
        entry = link.entry
        detail = f"<br><small>{escape(entry.detail)}</small>" if entry.detail else ""
        yield (
            f"<tr><td>{link.position}</td><td>{_moment(entry.at)}</td>"
            f"<td>{escape(entry.sentence)}{detail}</td><td>{escape(entry.outcome)}</td>"
            f"<td>{escape(entry.actor or '')}</td></tr>"
        )
    yield "</table>"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"

"""Calendar files as people write them: every problem with its line in the file."""

from collections.abc import Iterator
from pathlib import Path

from starters.files.documents import Document, Reading
from starters.files.problems import Place, Problem, shown
from workflows.domain.calendar.ics import IcsRefused, read_ics
from workflows.domain.spec import Calendar


def calendar_problems(reading: Reading, folder: Path) -> Iterator[Problem]:
    """What is wrong with the iCalendar files that the catalog in *folder* names."""
    for document in reading.documents:
        yield from _problems(document, reading, folder)


def _problems(document: Document, reading: Reading, folder: Path) -> Iterator[Problem]:
    if not isinstance(calendar := document.model, Calendar):
        return
    name = calendar.spec.ics
    if name is None or name not in reading.files:
        return
    try:
        read_ics(reading.files[name], days_in=calendar.spec.time_zone)
    except IcsRefused as refused:
        for found in refused.problems:
            message = f"{found.message} (read by Calendar {document.name})"
            yield Problem(Place(shown(folder / name), found.line), "", message)

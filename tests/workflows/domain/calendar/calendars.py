"""Windows, freezes and closings for tests; times are hours from a Monday noon."""

from datetime import UTC, datetime, timedelta

from workflows.domain.calendar.scope import Place
from workflows.domain.calendar.spans import Span
from workflows.domain.calendar.windows import Freeze, NamedSpan, WindowKind, WindowRule

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE = Place(
    org="acme", region="eu-west", teams=("shop",), service="pay", environment="production"
)
AHEAD = Span(start_at=NOON, end_at=NOON + timedelta(days=120))


def hour(number):
    return NOON + number * HOUR


def a_span(start, end, summary=""):
    return NamedSpan(start_at=hour(start), end_at=hour(end), summary=summary)


def a_window(*spans, name="audit", **more):
    return WindowRule(
        name=name,
        source=f"ChangeWindow {name}",
        spans=tuple(a_span(*span) for span in spans),
        **more,
    )


def an_allow(*spans, name="office", **more):
    return a_window(*spans, name=name, kind=WindowKind.ALLOW, **more)


def a_freeze(start, end, name="incident-7", **more):
    return Freeze(
        name=name,
        reason="payments fail",
        declared_by="ana",
        declared_at=NOON,
        start_at=hour(start),
        end_at=None if end is None else hour(end),
        **more,
    )

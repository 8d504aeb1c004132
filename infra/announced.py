"""Systems of others that tell or are told what is going on: alert managers and calendars."""

from typing import Literal

from infra.part import Part


class AlertmanagerConnection(Part):
    """An Alertmanager in which expected alerts are silenced.

    `credentials` is the vault's KV path that holds the `token` it wants to be shown, if any;
    `prometheus` is asked how large an alert is, where a catalog says so by a query.
    """

    type: Literal["alertmanager"]
    url: str
    prometheus: str | None = None
    credentials: str | None = None


class CalendarFeed(Part):
    """An iCalendar feed that a `Calendar` document names.

    `credentials` is the vault's KV path that holds the `token` it wants to be shown, if any.
    """

    url: str
    credentials: str | None = None

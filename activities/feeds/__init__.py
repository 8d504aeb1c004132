"""Calendars that others keep, over HTTP."""

from activities.feeds.activities import FeedsActivities
from activities.feeds.http_feed import HttpFeed

__all__ = ["FeedsActivities", "HttpFeed"]

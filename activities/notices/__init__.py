"""Notices to people, by mail."""

from activities.notices.activities import NoticesActivities
from activities.notices.smtp import MailLogin, MailServer, Tls

__all__ = ["MailLogin", "MailServer", "NoticesActivities", "Tls"]

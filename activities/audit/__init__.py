"""The audit record: appended to by stories, read by people."""

from activities.audit.activities import AuditActivities

__all__ = ["AuditActivities"]

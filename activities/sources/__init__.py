"""Sources of facts about a change: repositories and pagers, each kind a line here."""

from typing import Final

from activities.sources.activities import SourcesActivities
from activities.sources.alert_history import AlertHistory
from activities.sources.git import GitRepository
from activities.sources.pagerduty import PagerDuty

REPOSITORIES: Final = {GitRepository.type: GitRepository}
"""The `type` of a repository in a catalog or in the settings, to its adapter."""

PAGERS: Final = {PagerDuty.type: PagerDuty, AlertHistory.type: AlertHistory}
"""The `type` of who is asked for pages in a catalog or in the settings, to its adapter."""

__all__ = ["PAGERS", "REPOSITORIES", "SourcesActivities"]

"""WindowsPort: the domain's pure rules, run where their answer is recorded."""

import structlog

from workflows.domain.calendar.ruling import WindowRuling, rule_move
from workflows.ports.windows import RuleWindow, WindowsPort

log = structlog.get_logger(__name__)


class WindowsActivities(WindowsPort):
    """Rules by what it is given and by the worker's own code."""

    def rule_window(self, ask: RuleWindow) -> WindowRuling:
        ruling = rule_move(ask.move, ask.timetable, ask.facts, ask.at, overrides=ask.overrides)
        log.info(
            "window_ruled",
            environment=ruling.environment,
            move=ruling.move,
            open=ruling.open,
            facts_digest=ruling.facts_digest,
            rules_digest=ruling.rules_digest,
        )
        return ruling

"""Rulings on time are pure, so the fake runs the very rules of the domain."""

from workflows.domain.calendar.ruling import WindowRuling, rule_move
from workflows.ports.windows import RuleWindow, WindowsPort


class FakeWindows(WindowsPort):
    def rule_window(self, ask: RuleWindow) -> WindowRuling:
        return rule_move(ask.move, ask.timetable, ask.facts, ask.at, overrides=ask.overrides)

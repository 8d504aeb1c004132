"""The words of people who set windows aside, and what they have set aside by now."""

from datetime import timedelta

from temporalio import workflow

from workflows.domain.calendar.override import (
    Override,
    OverrideRefused,
    OverrideView,
    check_override,
    weigh,
)
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.calendar.windows import Granted, OverrideRule
from workflows.domain.durations import write_duration
from workflows.domain.status import Blocker
from workflows.steps.trail import Trail


class Overrides:
    """Counts each person once for each window; what is granted is recorded, and looked back on."""

    def __init__(self, *, requested_by: str, trail: Trail) -> None:
        self._requested_by = requested_by
        self._trail = trail
        self._said: dict[str, list[Override]] = {}
        self.granted: tuple[Granted, ...] = ()

    def check(
        self, said: Override, timetables: tuple[Timetable, ...], blocked_by: tuple[Blocker, ...]
    ) -> OverrideRule:
        """The rule by which *said* counts.

        Raises:
            OverrideRefused: it does not; the message says why.
        """
        barring = sorted({name for blocker in blocked_by for name in _windows(blocker)})
        if said.window not in barring:
            named = ", ".join(barring) or "none"
            raise OverrideRefused(f"{said.window} bars nothing now; windows that do: {named}")
        rules = {w.name: w.override for t in timetables for w in t.windows}
        allowing = [rules[name] for name in said.window.split(" or ") if name in rules]
        # What no document declares is a freeze of the ledger.
        rule = next((each for each in allowing if each), None) if allowing else OverrideRule()
        people = {name: roles for t in timetables for name, roles in t.people.items()}
        check_override(rule, said, people=people, requested_by=self._requested_by)
        return rule or OverrideRule()

    def count(self, said: Override, rule: OverrideRule) -> OverrideView:
        """Keep the word, and say what it makes of the window."""
        words = self._said.setdefault(said.window, [])
        words.append(said)
        by, granted = weigh(rule, words, workflow.now())
        if granted is not None:
            self._said[said.window] = []
            self.granted = (*self.granted, granted)
        self._note(said, granted)
        return OverrideView(
            window=said.window,
            stands=granted is not None,
            by=by,
            missing=max(0, rule.approvers - len(by)),
            granted=granted,
        )

    @property
    def to_look_back_on(self) -> tuple[str, ...]:
        """What the end of the release leaves to people."""
        return tuple(
            f"look back on the override of {one.window} by {' and '.join(one.by)} "
            f"until {one.retrospective_by:%Y-%m-%d %H:%MZ}: {one.reason}"
            for one in self.granted
        )

    def _note(self, said: Override, granted: Granted | None) -> None:
        lasts = write_duration(timedelta(seconds=round(said.lasts.total_seconds())))
        self._trail.note(
            "override",
            f"{said.by} sets {said.window} aside",
            outcome="counted" if granted is None else "overridden",
            detail=f"{said.assurance} for {lasts}: {said.reason}",
            actor=said.by,
        )
        if granted is not None:
            self._trail.note(
                "retrospective",
                f"look back on the override of {granted.window}",
                outcome="due",
                detail=f"by {granted.retrospective_by:%Y-%m-%d %H:%MZ}; {granted}",
            )


def _windows(blocker: Blocker) -> tuple[str, ...]:
    return blocker.evidence if blocker.gate.startswith("window of ") else ()

"""What an environment's story tells: its view, its page, its search attributes, its record."""

from typing import Any

from temporalio import workflow

from workflows.domain.audit import Entry
from workflows.domain.environments.owner_notice import OwnerNotice
from workflows.domain.environments.page import environment_page
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.names import Attribute, environment_id
from workflows.steps.attributes import keyword, keywords, moment
from workflows.steps.record import Recorder
from workflows.steps.trail import Trail

_MOST_HANDED_OVER = 500
"""Entries that the next run is given: far more than an hour of a ledger that is down leaves."""


class EnvironmentTale:
    """The view of one environment, shown wherever people look, and the trail of what was done.

    The record is written beside the story: a ledger that is down neither keeps an environment
    alive nor ends one.
    """

    def __init__(self, view: EnvironmentView, unrecorded: tuple[Entry, ...] = ()) -> None:
        self.view = view
        self.trail = Trail(f"environment-{workflow.info().run_id}")
        self.trail.take_over(unrecorded)
        self._recorder = Recorder(environment_id(view.name), self.trail)

    @property
    def unrecorded(self) -> tuple[Entry, ...]:
        """What the record has not taken yet, for the next run to write."""
        return self.trail.unwritten[:_MOST_HANDED_OVER]

    def begin(self) -> None:
        """Show where it stands, and let it be found."""
        view = self.view
        keywords(Attribute.ENVIRONMENT, [view.name])
        keyword(Attribute.TEAM, view.team)
        keyword(Attribute.REQUESTED_BY, view.owner)
        keyword(Attribute.PHASE, view.phase)
        if view.expires_at is not None:
            moment(Attribute.EXPIRY, view.expires_at)
        self._page()

    def show(self, **changes: Any) -> EnvironmentView:
        """Change the view, and show what has changed."""
        before, self.view = self.view, self.view.model_copy(update=changes)
        if self.view.phase is not before.phase:
            keyword(Attribute.PHASE, self.view.phase)
        if self.view.expires_at != before.expires_at and self.view.expires_at is not None:
            moment(Attribute.EXPIRY, self.view.expires_at)
        if self.view != before:
            self._page()
        return self.view

    def know_told(self, notice: OwnerNotice, how: str) -> None:
        """Show whether and how its owner was told, and record it."""
        known = self.view.knows_told(notice, how)
        self.show(warned=known.warned, told=known.told)
        self._recorder.begin()

    def note(
        self,
        action: str,
        sentence: str,
        *,
        outcome: str,
        detail: str = "",
        actor: str | None = None,
    ) -> None:
        """Keep what happened, and begin to record it."""
        self.trail.note(action, sentence, outcome=outcome, detail=detail, actor=actor or None)
        self._recorder.begin()

    async def close(self) -> None:
        """Record what is not yet; a record that cannot be written keeps nothing open for good."""
        if (missing := await self._recorder.try_finish()) is not None:
            workflow.logger.warning("environment_not_recorded", extra={"problem": missing})

    def _page(self) -> None:
        workflow.set_current_details(environment_page(self.view))

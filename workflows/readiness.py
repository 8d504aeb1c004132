"""The readiness review of one environment: a sealed dossier, and go or no-go of each role."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from workflows.domain.errors import ReleaseError
from workflows.domain.gates.vote import Vote
from workflows.domain.names import READINESS_PROGRESSED, Attribute
from workflows.domain.readiness.dossier import Dossier, changed, difference
from workflows.domain.readiness.page import readiness_page
from workflows.domain.readiness.readiness import (
    ReadinessOrder,
    ReadinessState,
    ReadinessSubject,
    ReadinessView,
    WordRefused,
    asked_of,
    due,
    opens_at,
)
from workflows.ports.reviews import ReviewsPort, SealDossier
from workflows.steps.attributes import keyword, keywords
from workflows.steps.beside import beside
from workflows.steps.call import call
from workflows.steps.escalation import Escalation
from workflows.steps.held import rest
from workflows.steps.record import Recorder
from workflows.steps.shield import outlasting, to_completion
from workflows.steps.trail import Trail
from workflows.steps.words import Words


@workflow.defn
class ReadinessWorkflow:
    """Open before the release could start, collect a word of each role, remind and escalate.

    It decides nothing but whether everybody said go, and it never ends by itself: the release
    that waits for it cancels it once it goes on, or ends. What changes meanwhile voids every word
    and opens the review anew, with the difference.
    """

    @workflow.init
    def __init__(self, order: ReadinessOrder) -> None:
        self._order = order
        self._rule = order.rule
        self._trail = Trail(f"readiness-{workflow.info().run_id}")
        self._recorder = Recorder(order.release, self._trail)
        self._subject = order.subject
        self._sealed: Dossier | None = None
        self._opened = False
        self._due_at = due(order.subject, self._rule, now=workflow.now())
        self._words = Words(order.rule, release=order.release, requested_by=order.requested_by)
        self._escalation: Escalation | None = None
        self._moved = False
        self._untold = False
        self._view = ReadinessView(
            release=order.release,
            name=order.name,
            environment=self._rule.environment,
            run=workflow.info().run_id,
            identity=self._rule.identity,
            missing=self._rule.roles,
            may_speak=tuple(self._rule.people),
        )

    @workflow.run
    async def run(self, order: ReadinessOrder) -> ReadinessView:
        """Review until the release needs it no more; the view as it stood in the end."""
        keywords(Attribute.SERVICE, order.services)
        keywords(Attribute.ENVIRONMENT, [self._rule.environment])
        keyword(Attribute.REQUESTED_BY, order.requested_by)
        keyword(Attribute.PHASE, self._view.state)
        try:
            await beside(self._review(), self._keep_release_told())
        except asyncio.CancelledError:
            await to_completion(self._close())
        await to_completion(workflow.wait_condition(workflow.all_handlers_finished))
        return self._view

    async def _review(self) -> None:
        await self._until_it_opens()
        while True:
            await self._open()
            await beside(
                workflow.wait_condition(lambda: self._is_about_something_else),
                self._ask_who_is_silent(),
                self._see_it_fall_due(),
            )
            self._void_words()

    async def _until_it_opens(self) -> None:
        """A durable timer to the time that the policy says; it follows a slot that moves."""
        while (at := opens_at(self._subject, self._rule, now=workflow.now())) > workflow.now():
            self._show(opens_at=at)
            self._moved = False
            await rest(
                at - workflow.now(),
                f"the readiness review of {self._rule.environment} opens",
                unless=lambda: self._moved,
            )

    async def _open(self) -> None:
        """Seal what is known now; from here on words are taken, each for this very dossier."""
        subject, before = self._subject, self._sealed
        await call(
            ReviewsPort.seal_dossier,
            SealDossier(dossier=subject.dossier, at=workflow.now()),
            trail=self._trail,
        )
        self._sealed, self._opened = subject.dossier, True
        self._due_at = due(subject, self._rule, now=workflow.now())
        told = difference(before, subject.dossier) if before is not None else ()
        again = "opened anew" if before is not None else "opened"
        self._note(again, f"dossier {subject.dossier.digest}", detail="; ".join(told))
        self._show(
            round=self._view.round + 1,
            dossier=subject.dossier.digest,
            opens_at=workflow.now(),
            difference=told,
        )

    def _void_words(self) -> None:
        if voided := self._words.void():
            self._note("voided", f"the words of {', '.join(voided)} count no more")
        self._opened = False
        self._show()

    async def _ask_who_is_silent(self) -> None:
        """Remind and escalate for as long as it is not go, and again when it is not any more."""
        while True:
            self._escalation = Escalation(
                self._rule.escalation,
                wait=f"readiness of {self._rule.environment}",
                owner=asked_of(self._rule, self._rule.roles),
                trail=self._trail,
                told=self._told,
            )
            await beside(
                workflow.wait_condition(lambda: self._state is ReadinessState.GO),
                self._escalation.climb(),
            )
            self._escalation = None
            self._show()
            await workflow.wait_condition(lambda: self._state is not ReadinessState.GO)

    async def _see_it_fall_due(self) -> None:
        """Silence is told of once the release could start; the time may still move."""
        while (due_at := self._due_at) > workflow.now():
            self._moved = False
            await rest(
                due_at - workflow.now(),
                f"the release could enter {self._rule.environment}",
                unless=lambda: self._moved,
            )
        if self._state is ReadinessState.SILENT:
            self._note("silent", f"no word of {', '.join(self._words.missing)}")
        self._show()

    async def _keep_release_told(self) -> None:
        """Tell the release above where the review stands, each time that it changes."""
        if (parent := workflow.info().parent) is None:
            return
        handle = workflow.get_external_workflow_handle(parent.workflow_id)
        while True:
            await workflow.wait_condition(lambda: self._untold)
            self._untold = False
            try:
                await outlasting(handle.signal(READINESS_PROGRESSED, self._view))
            except FailureError:
                workflow.logger.warning("release_is_gone", extra={"release": self._order.release})

    async def _close(self) -> None:
        """Nobody waits for it any more: no word counts from here on, and the books are closed."""
        reason = self._view.reason
        self._escalation = None
        self._note("closed", f"it stood at {self._state}", detail=reason)
        self._opened = False
        self._show(state=ReadinessState.CLOSED, closed_because=f"closed; it stood at: {reason}")
        try:
            await self._recorder.finish()
        except ReleaseError as error:
            workflow.logger.warning("readiness_not_recorded", extra={"problem": str(error)})

    @workflow.update
    async def say(self, word: Vote) -> ReadinessView:
        """Count one person's go or no-go, and say what the review makes of it.

        A word that does not count is answered with its reason, and recorded like one that does.
        """
        try:
            await self._count(word)
        except WordRefused as refusal:
            self._refused(word, str(refusal))
            kind = type(refusal).__name__
            raise ApplicationError(str(refusal), type=kind, non_retryable=True) from refusal
        return self._view

    @say.validator
    def _check_open(self, word: Vote) -> None:
        if not self._opened:
            raise WordRefused(f"the review of {self._rule.environment} is not open yet")

    @workflow.signal
    async def go(self, word: Vote | None = None) -> None:
        await self._count_signal(word, go=True)

    @workflow.signal(name="noGo")
    async def no_go(self, word: Vote | None = None) -> None:
        await self._count_signal(word, go=False)

    @workflow.signal
    def subject_changed(self, subject: ReadinessSubject) -> None:
        """What the release knows of itself now; it opens the review anew where that matters."""
        moved = subject.due_at is not None and subject.due_at != self._subject.due_at
        self._subject, self._moved = subject, True
        if self._opened and moved and subject.due_at is not None:
            self._due_at = subject.due_at
        if self._opened:
            self._show()

    @workflow.query
    def status(self) -> ReadinessView:
        return self._view

    @property
    def _state(self) -> ReadinessState:
        if self._view.state is ReadinessState.CLOSED:
            return ReadinessState.CLOSED
        if self._sealed is None:
            return ReadinessState.SCHEDULED
        return self._words.state(due_at=self._due_at)

    @property
    def _is_about_something_else(self) -> bool:
        """Whether what the policy reopens it on is not what was sealed any more."""
        if self._sealed is None:
            return False
        found = changed(self._sealed, self._subject.dossier)
        return any(aspect in self._rule.reopen_on for aspect in found)

    async def _count(self, claimed: Vote) -> None:
        word = await self._words.known(claimed)
        # Only now: while it was verified who speaks, the review may have been opened anew.
        dossier = self._sealed.digest if self._opened and self._sealed is not None else None
        self._words.count(word, dossier=dossier)
        said = "go" if word.approved else "no-go"
        known = word.assurance if word.proven is None else f"proven as {word.proven.account}"
        self._note(
            said,
            f"{word.voter} says {said} for {self._rule.environment}",
            detail=f"{word.digest} {known} {word.note}".strip(),
            actor=word.voter,
        )
        self._show()

    def _refused(self, word: Vote, why: str) -> None:
        who = word.voter or "somebody"
        self._note("refused", f"the word of {who}", detail=why, actor=who)

    async def _count_signal(self, word: Vote | None, *, go: bool) -> None:
        """A signal cannot be answered: a word that does not count is recorded as refused."""
        if word is None:
            self._note("refused", "the signal says neither who speaks nor on which dossier")
            return
        try:
            await self._count(word.model_copy(update={"approved": go}))
        except WordRefused as refusal:
            self._refused(word, str(refusal))

    def _note(
        self, outcome: str, sentence: str, *, detail: str = "", actor: str | None = None
    ) -> None:
        where = f"readiness of {self._rule.environment}: {sentence}"
        self._trail.note("readiness", where, outcome=outcome, detail=detail, actor=actor)
        self._recorder.begin()

    def _told(self) -> None:
        """Somebody was reminded or asked; it is in the trail already."""
        self._recorder.begin()
        self._show()

    def _show(self, **changes: object) -> None:
        """Change the view and show it: in the UI, in a search, and to the release above it."""
        told = {
            "state": self._state,
            "due_at": self._due_at,
            "words": self._words.all,
            "missing": self._words.missing,
            "escalation": self._escalation.view if self._escalation is not None else None,
        }
        before = self._view
        self._view = before.model_copy(update={**told, **changes})
        if self._view.state is not before.state:
            keyword(Attribute.PHASE, self._view.state)
        if self._view != before:
            self._untold = True
            text = self._sealed.text if self._sealed is not None else ""
            workflow.set_current_details(readiness_page(self._view, text))

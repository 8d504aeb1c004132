"""The journeys port: the same journey on both versions at once, and what that proves."""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event

import structlog
from temporalio import activity

from activities.connections import Connections
from activities.journeys.arm import Arm, Tally, plus
from activities.journeys.entrance import HttpEntrance
from activities.journeys.runner import run_arm
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.journeys.plan import JourneyPlan
from workflows.domain.journeys.report import (
    ArmReport,
    ArmWord,
    JourneyReport,
    SentByArm,
    compare,
)
from workflows.domain.release.plan import HeaderRoute
from workflows.ports.journeys import JourneysPort, RunJourney

log = structlog.get_logger(__name__)

_EVERY = timedelta(seconds=1)

ReadSecret = Callable[[str], Mapping[str, str]]
"""The fields of the vault's KV secret at a path; raises Unavailable, Refused or TargetMissing."""


class JourneysActivities(JourneysPort):
    """Reads the journey's secrets, sends canary and baseline the same, and compares."""

    def __init__(
        self,
        entrance_for: Connections[HttpEntrance],
        read_secret: ReadSecret,
        *,
        beat: Callable[[], object] = activity.heartbeat,
        every: timedelta = _EVERY,
    ) -> None:
        """*every* is the time between heartbeats."""
        self._entrance_for = entrance_for
        self._read_secret = read_secret
        self._beat = beat
        self._every = every.total_seconds()

    def run_journey(self, ask: RunJourney) -> JourneyReport:
        entrance = self._entrance_for(ask.entrance)
        entrance.base_url(ask.journey.service)
        try:
            held = self._secrets(ask.journey, under=entrance.secrets_under)
        except Unavailable as error:
            report = _untried(ask.journey, f"its secrets cannot be read: {error}")
        else:
            report = self._try(ask, entrance, held)
        log.info(
            "journey_tried",
            target=str(ask.target),
            journey=report.journey,
            word=report.word,
            canary=report.canary.word,
            baseline=report.baseline.word,
            leftover=[*report.canary.leftover, *report.baseline.leftover],
        )
        return report

    def _secrets(self, plan: JourneyPlan, *, under: str | None) -> dict[str, str]:
        """By name; each secret of the vault is read once.

        Raises:
            Unavailable: the vault does not answer.
            TargetMissing: there is no such secret or field, or the settings name no folder.
            Refused: this worker may not read it, or it is too short to be kept out of reports.
        """
        read: dict[str, Mapping[str, str]] = {}
        held = {}
        for need in plan.secret_refs:
            if under is None:
                raise TargetMissing(
                    f"journey {plan.name} needs a {need.secret_ref}, and this entrance's settings "
                    "name no folder of the vault: set secrets_under"
                )
            path = f"{under.strip('/')}/{need.secret_ref.path}"
            if path not in read:
                read[path] = self._read_secret(path)
            if need.field not in read[path]:
                raise TargetMissing(f"secret at {path}: it has no field {need.field!r}")
            if len(read[path][need.field]) < _SHORTEST_SECRET:
                raise Refused(
                    f"secret at {path}, field {need.field!r}: shorter than {_SHORTEST_SECRET} "
                    "characters: it could not be told from other text in a report"
                )
            held[need.name] = read[path][need.field]
        return held

    def _try(
        self, ask: RunJourney, entrance: HttpEntrance, held: Mapping[str, str]
    ) -> JourneyReport:
        canary, baseline = _arms(ask)
        on_canary, on_baseline = Tally(), Tally()
        halt = Event()
        # A cancellation waits for the end of the block, so that it never hits a cleanup.
        with (
            activity.shield_thread_cancel_exception(),
            ThreadPoolExecutor(2, thread_name_prefix="journey") as arms,
        ):
            running = [
                arms.submit(
                    run_arm, ask.journey, arm, entrance, held, tally=tally, halted=halt.is_set
                )
                for arm, tally in ((canary, on_canary), (baseline, on_baseline))
            ]
            self._wait(running, halt)
            of_canary, of_baseline = (each.result() for each in running)
        if halt.is_set():
            raise Unavailable(f"{ask.journey} was stopped: its worker is shutting down")
        outcome = compare(of_canary, of_baseline)
        return JourneyReport(
            journey=ask.journey.name,
            word=outcome.word,
            reason=outcome.reason,
            canary=of_canary,
            baseline=of_baseline,
            sent=SentByArm(
                canary=plus(on_canary.sent, on_baseline.strayed),
                baseline=plus(on_baseline.sent, on_canary.strayed),
            ),
        )

    def _wait(self, running: list[Future[ArmReport]], halt: Event) -> None:
        """Until both have ended, which is soon after the activity must: they clean up first."""
        unfinished = set(running)
        while unfinished:
            self._beat()
            if activity.is_cancelled() or activity.is_worker_shutdown():
                halt.set()
            _, unfinished = wait(unfinished, self._every, return_when=FIRST_COMPLETED)


_SHORTEST_SECRET = 8


def _arms(ask: RunJourney) -> tuple[Arm, Arm]:
    """The canary's and the baseline's; versions are told apart on the target itself alone.

    A journey that enters by another service reads that one's version, not the canary's.
    """
    direct = ask.journey.service == ask.target.service
    version = ask.canary_version if direct else None
    stable = {} if ask.stable_header is None else _as_header(ask.stable_header)
    return (
        Arm(headers=_as_header(ask.header), expects=version),
        Arm(headers=stable, avoids=version),
    )


def _as_header(route: HeaderRoute) -> dict[str, str]:
    return {route.header: route.value}


def _untried(plan: JourneyPlan, reason: str) -> JourneyReport:
    nobody = ArmReport(word=ArmWord.UNREACHABLE, reason=reason, tries=0)
    outcome = compare(nobody, nobody)
    return JourneyReport(
        journey=plan.name,
        word=outcome.word,
        reason=outcome.reason,
        canary=nobody,
        baseline=nobody,
    )

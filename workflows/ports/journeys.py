"""Trying what customers do, step by step, on both versions of a target."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.journeys.plan import JourneyPlan
from workflows.domain.journeys.report import JourneyReport
from workflows.domain.names import Queue
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.values import Provider, Target
from workflows.ports.base import Message, Port, limited


class RunJourney(Message):
    """Run *journey* on the canary of *target* and on the version beside it, at the same time.

    `header` is the route to the canary. `stable_header` is the one to the stable version, where
    the router has one; without it the baseline's requests go where the weights send them, and
    `canary_version` (as the service tells it in the journey's `versionHeader`) shows which of
    them strayed.
    """

    target: Target
    entrance: Provider
    journey: JourneyPlan
    header: HeaderRoute
    canary_version: str
    stable_header: HeaderRoute | None = None

    def __str__(self) -> str:
        return f"try {self.journey} on {self.target}"


class JourneysPort(Port):
    queue = Queue.JOURNEYS

    @limited(
        attempt=timedelta(seconds=60),
        total=timedelta(minutes=3),
        heartbeat=timedelta(seconds=15),
    )
    @abstractmethod
    def run_journey(self, ask: RunJourney) -> JourneyReport:
        """Try the journey and tell what came of it; its cleanup has run when this returns.

        Safe to run again: each try has ids of its own (`{{ run }}`). An entrance or a vault that
        does not answer is the word `unreachable`, never an exception: a try is worth having only
        now, and the story decides what an unanswered one means.

        Raises:
            TargetMissing: the settings hold no such connection, or no address of the journey's
                service; or the vault holds no such secret; not retried.
            Refused: the vault does not let this worker read a secret; not retried.
            Unavailable: the worker is shutting down; retried by another one.
        """

"""Flagd's definitions in a hosted profile of AWS AppConfig: saved as a version, then deployed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.flags.appconfig_client import Control, Retrieval
from activities.flags.definition import Json, document_of, state_of, text_of, with_state
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import FlagState, drift

_UNDER_WAY = {"BAKING", "DEPLOYING", "ROLLING_BACK", "VALIDATING"}
_PAGE = 50
_LOOK_AGAIN_SECONDS = 1.0

LONGEST: Final = timedelta(minutes=1)
"""How long a deployment may take: a flag has to be back before its code goes back."""
_PATIENCE: Final = timedelta(seconds=75)


class AppConfig:
    """One profile in one environment, which should have that profile to itself.

    All are named by their ids. A version is made from what is deployed here, never from what
    somebody saved and did not deploy. AppConfig can lock versions, but not a deployment against
    one that began in the same instant: who overtook another so puts its flags on top of his.
    """

    def __init__(
        self,
        *,
        control: Callable[[], Control],
        retrieval: Callable[[], Retrieval],
        application: str,
        environment: str,
        profile: str,
        strategy: str,
    ) -> None:
        self._control = control
        self._retrieval = retrieval
        self._strategy = strategy
        self._profile: dict[str, Any] = {
            "ApplicationId": application,
            "ConfigurationProfileId": profile,
        }
        self._environment: dict[str, Any] = {
            "ApplicationId": application,
            "EnvironmentId": environment,
        }
        self._place = f"appconfig {application}/{environment}/{profile}"

    def read(self, key: str) -> FlagState:
        """See FlagProvider: as a client would be given it that starts now."""
        return state_of(self._deployed(), key, self._place)

    def write(
        self, wanted: FlagState, *, instead_of: FlagState, beat: Callable[[], object]
    ) -> None:
        """See FlagProvider: whoever saved the last version may deploy, all others ask again."""
        self._refuse_slow_strategy()
        last = self._quiet(beat)
        saved, base = self._last_saved(), self._deployed()
        found = state_of(base, wanted.key, self._place)
        if found.is_as(wanted):
            return  # an earlier attempt's deployment, which has ended only now
        self._expect(instead_of, found)
        while True:
            version = self._save(with_state(base, wanted, self._place), wanted, after=saved)
            self._still_next(version, last)
            number = self._deploy(version, wanted)
            self._completed(number, beat)
            if (overtaken := self._overtaken(last, number)) is None:
                return
            last, saved, base = number, self._last_saved(), self._content(overtaken)
            theirs = state_of(base, wanted.key, self._place)
            if theirs.definition != instead_of.definition:
                self._completed(self._deploy(overtaken, theirs), beat)
            self._expect(instead_of, theirs)

    def _expect(self, expected: FlagState, found: FlagState) -> None:
        if told := drift(expected, found):
            raise Diverged(f"{self._place}: {told}; it is left as it is")

    def _still_next(self, version: int, last: int) -> None:
        """Whoever saved last may deploy, on top of the deployment that he has seen."""
        if self._last_saved() != version or self._last_deployment()[0] != last:
            raise Unavailable(
                f"{self._place}: somebody else saved or deployed while version {version} was "
                "made; it is not deployed"
            )

    def _overtaken(self, last: int, number: int) -> int | None:
        """The version that was deployed after we had looked, and before us; the newest, if any."""
        for between in range(number - 1, last, -1):
            found = self._deployment(between)
            if found["ConfigurationProfileId"] == self._profile["ConfigurationProfileId"]:
                return int(found["ConfigurationVersion"])
        return None

    def _content(self, version: int) -> Json:
        with in_release_words(f"{self._place}: version {version}"):
            held = self._control().get_hosted_configuration_version(
                **self._profile, VersionNumber=version
            )
            return document_of(held["Content"].read(), self._place)

    def _deployment(self, number: int) -> Any:
        with in_release_words(f"{self._place}: deployment {number}"):
            return self._control().get_deployment(**self._environment, DeploymentNumber=number)

    def _deployed(self) -> Json:
        with in_release_words(f"{self._place}: retrieve the configuration"):
            session = self._retrieval().start_configuration_session(
                ApplicationIdentifier=self._profile["ApplicationId"],
                EnvironmentIdentifier=self._environment["EnvironmentId"],
                ConfigurationProfileIdentifier=self._profile["ConfigurationProfileId"],
            )
            answer = self._retrieval().get_latest_configuration(
                ConfigurationToken=session["InitialConfigurationToken"]
            )
            raw = answer["Configuration"].read()
        if not raw:
            raise TargetMissing(
                f"{self._place}: nothing is deployed; deploy flag definitions of flagd once, as a "
                "freeform profile"
            )
        return document_of(raw, self._place)

    def _refuse_slow_strategy(self) -> None:
        with in_release_words(f"{self._place}: deployment strategy {self._strategy}"):
            strategy = self._control().get_deployment_strategy(DeploymentStrategyId=self._strategy)
        minutes = strategy["DeploymentDurationInMinutes"] + strategy["FinalBakeTimeInMinutes"]
        if (takes := timedelta(minutes=minutes)) > LONGEST:
            raise Refused(
                f"{self._place}: deployment strategy {self._strategy} takes {takes}, at most "
                f"{LONGEST} is allowed, because code waits for its flags when a release goes "
                "back; name one without a long bake time"
            )

    def _quiet(self, beat: Callable[[], object]) -> int:
        """The last deployment's number, once it has ended, well or not; 0: there was none."""
        number, state = self._last_deployment()
        if state in _UNDER_WAY:
            self._ended(number, beat)
        return number

    def _last_deployment(self) -> tuple[int, str]:
        with in_release_words(f"{self._place}: list deployments"):
            found = _all(
                lambda page: self._control().list_deployments(**self._environment, **page)
            )
            return max(
                ((each["DeploymentNumber"], each["State"]) for each in found), default=(0, "")
            )

    def _last_saved(self) -> int:
        with in_release_words(f"{self._place}: list versions"):
            found = _all(
                lambda page: self._control().list_hosted_configuration_versions(
                    **self._profile, **page
                )
            )
            return max((each["VersionNumber"] for each in found), default=0)

    def _save(self, document: Json, wanted: FlagState, *, after: int) -> int:
        with self._in_turn("save a version"):
            made = self._control().create_hosted_configuration_version(
                **self._profile,
                Description=_told(wanted),
                Content=text_of(document).encode(),
                ContentType="application/json",
                LatestVersionNumber=after,
            )
        number: int = made["VersionNumber"]
        return number

    def _deploy(self, version: int, wanted: FlagState) -> int:
        with self._in_turn(f"deploy version {version}"):
            started = self._control().start_deployment(
                **self._environment,
                DeploymentStrategyId=self._strategy,
                ConfigurationProfileId=self._profile["ConfigurationProfileId"],
                ConfigurationVersion=str(version),
                Description=_told(wanted),
            )
        number: int = started["DeploymentNumber"]
        return number

    @contextmanager
    def _in_turn(self, doing: str) -> Iterator[None]:
        """A conflict says that somebody else is at work: what he did is seen at the next try."""
        asking = f"{self._place}: {doing}"
        try:
            with in_release_words(asking):
                yield
        except Refused as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and error_code(cause) == "ConflictException":
                raise Unavailable(f"{asking}: somebody else is at work: {error}") from cause
            raise

    def _completed(self, number: int, beat: Callable[[], object]) -> None:
        state = self._ended(number, beat)
        if state != "COMPLETE":
            raise Refused(
                f"{self._place}: deployment {number} ended as {state}, so AppConfig serves what "
                "it did before; its events say why"
            )

    def _ended(self, number: int, beat: Callable[[], object]) -> str:
        """How a deployment ended; it is given a little longer than it may take."""
        deadline = time.monotonic() + _PATIENCE.total_seconds()
        while True:
            beat()
            state: str = self._deployment(number)["State"]
            if state not in _UNDER_WAY:
                return state
            if time.monotonic() > deadline:
                raise Unavailable(f"{self._place}: deployment {number} is still {state}")
            time.sleep(_LOOK_AGAIN_SECONDS)


def _told(wanted: FlagState) -> str:
    return f"{wanted.key}={wanted.variant}, lockgate {wanted.set_by or 'restores'}"[:1024]


def _all(ask: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
    """Every item of a listing, page by page."""
    page: dict[str, Any] = {"MaxResults": _PAGE}
    while True:
        answer = ask(page)
        yield from answer.get("Items", ())
        if not answer.get("NextToken"):
            return
        page = {"MaxResults": _PAGE, "NextToken": answer["NextToken"]}

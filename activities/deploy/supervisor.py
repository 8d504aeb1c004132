"""Versions as processes under a supervisord, each on a loopback port of its own."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import httpx

from activities.deploy.bundle import Bundle, forget
from activities.deploy.health import Record, health_problem
from activities.deploy.loopback import LoopbackPorts
from activities.deploy.program import Program
from activities.deploy.supervisord import UP, Supervisord
from activities.files import one_at_a_time, replace_file
from workflows.domain.errors import ArtifactMismatch, VersionUnhealthy
from workflows.domain.values import Artifact, arm_name
from workflows.ports.deploy import Deployment, Instance

_LOCKED_WITHIN = timedelta(seconds=10)
_HEALTHY_WITHIN = timedelta(seconds=30)
_LOOK_AGAIN_SECONDS = 0.1
_LOG_LINES = 20
_LOG_BYTES = 4_000
_FOLDERS = ("versions", "bundles", "records", "instances", "targets", "logs", "locks")


class SupervisorPlatform:
    """One supervisord; below `work_dir`, everything of one version is named by its `arm_name`.

    `versions/` holds unpacked files, `bundles/` the zip they came from, `records/` what was
    started, `instances/` what is healthy and may be routed to, `targets/` the same for a
    Prometheus (`file_sd_configs`), with the connection as `environment`, `logs/` what the version
    printed, which outlives it. Every call may be the repetition of one that was killed anywhere.
    """

    def __init__(
        self,
        *,
        connection: str,
        control: Path,
        include_dir: Path,
        work_dir: Path,
        environ: Mapping[str, str] | None = None,
        client: httpx.Client | None = None,
        healthy_within: timedelta = _HEALTHY_WITHIN,
    ) -> None:
        self._connection = connection
        self._supervisord = Supervisord(control)
        self._include_dir = include_dir
        self._work_dir = work_dir
        self._environ = dict(environ or {})
        self._client = client or httpx.Client(timeout=2, trust_env=False)
        self._healthy_within = healthy_within
        self._ports = LoopbackPorts(work_dir)

    def observe(self, service: str) -> Deployment:
        """See Platform: supervisord says what is up, the records say which versions those are."""
        states = self._supervisord.states()
        records = [Record.read(path) for path in (self._work_dir / "records").glob("*.json")]
        running = [
            record.instance
            for record in records
            if record is not None
            and record.service == service
            and states.get(self._program(record.arm)) in UP
        ]
        return Deployment(instances=tuple(sorted(running, key=lambda one: one.version)))

    def install(
        self, artifact: Artifact, fetch: Callable[[], bytes], beat: Callable[[], object]
    ) -> Instance:
        """See Platform."""
        arm = arm_name(artifact.service, artifact.digest)
        with self._locked(arm):
            record = self._started(artifact)
            if record is None:
                bundle = Bundle(artifact, fetch())
                self._clear(arm, beat)
                record = self._start(artifact, bundle)
            try:
                self._wait_healthy(record, beat)
            except VersionUnhealthy:
                self._clear(arm, beat)
                raise
            replace_file(self._path("instances", arm), record.published())
            replace_file(self._path("targets", arm), record.scraped_as(self._connection))
        return record.instance

    def remove(self, service: str, digest: str, beat: Callable[[], object]) -> None:
        """See Platform."""
        arm = arm_name(service, digest)
        with self._locked(arm):
            self._clear(arm, beat)

    def verify(self, artifact: Artifact) -> Instance:
        """See Platform: every file is compared with the zip, and the zip with the digest."""
        arm = arm_name(artifact.service, artifact.digest)
        record = Record.read(self._path("records", arm))
        state = self._supervisord.states().get(self._program(arm))
        if record is None or state not in UP:
            raise VersionUnhealthy(f"{artifact} does not run here: {state or 'never installed'}")
        if altered := self._alteration(artifact):
            raise ArtifactMismatch(f"{artifact} runs other bytes than were promoted: {altered}")
        if problem := health_problem(record, self._client):
            raise VersionUnhealthy(f"{artifact} runs, but {problem}")
        return record.instance

    def _started(self, artifact: Artifact) -> Record | None:
        """What an earlier attempt has started and nobody has altered; it only needs to be well."""
        arm = arm_name(artifact.service, artifact.digest)
        record = Record.read(self._path("records", arm))
        up = self._supervisord.states().get(self._program(arm)) in UP
        return record if up and self._alteration(artifact) is None else None

    def _start(self, artifact: Artifact, bundle: Bundle) -> Record:
        arm = arm_name(artifact.service, artifact.digest)
        replace_file(self._path("bundles", arm), bundle.content)
        bundle.unpack(self._work_dir / "versions" / arm)
        record = Record(
            service=artifact.service,
            version=artifact.version,
            digest=artifact.digest,
            port=self._ports.take(arm),
            health_path=bundle.manifest.health_path,
        )
        replace_file(self._path("records", arm), record.model_dump_json(indent=1))
        self._path("logs", arm).unlink(missing_ok=True)
        replace_file(self._program_file(arm), self._description(record, bundle).text())
        self._supervisord.start(self._program(arm))
        return record

    def _description(self, record: Record, bundle: Bundle) -> Program:
        told = {
            "PORT": str(record.port),
            "LOCKGATE_VERSION": record.version,
            "LOCKGATE_DIGEST": record.digest,
            # Byte code written beside the sources would look like tampering.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        return Program(
            name=self._program(record.arm),
            command=bundle.manifest.command,
            folder=self._work_dir / "versions" / record.arm,
            log=self._path("logs", record.arm),
            environ={**self._environ, **told},
        )

    def _wait_healthy(self, record: Record, beat: Callable[[], object]) -> None:
        """Return once it answers as healthy.

        Raises:
            VersionUnhealthy: it exited, or did not answer as healthy in time.
        """
        deadline = time.monotonic() + self._healthy_within.total_seconds()
        named = f"{record.service} {record.version}"
        while problem := health_problem(record, self._client):
            beat()
            state = self._supervisord.states().get(self._program(record.arm), "gone")
            if state not in UP:
                raise VersionUnhealthy(f"{named} exited ({state}){self._last_words(record.arm)}")
            if time.monotonic() > deadline:
                raise VersionUnhealthy(
                    f"{named} is not healthy after {self._healthy_within}: {problem}"
                    f"{self._last_words(record.arm)}"
                )
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _clear(self, arm: str, beat: Callable[[], object]) -> None:
        """Leave nothing but the log: first nobody is sent to it, last its record is gone."""
        self._path("instances", arm).unlink(missing_ok=True)
        self._path("targets", arm).unlink(missing_ok=True)
        self._program_file(arm).unlink(missing_ok=True)
        self._supervisord.forget(self._program(arm), beat)
        forget(self._work_dir / "versions" / arm)
        self._path("bundles", arm).unlink(missing_ok=True)
        self._ports.release(arm)
        self._path("records", arm).unlink(missing_ok=True)

    def _alteration(self, artifact: Artifact) -> str | None:
        """What of the unpacked version is not the artifact's, if anything."""
        arm = arm_name(artifact.service, artifact.digest)
        kept = self._path("bundles", arm)
        try:
            bundle = Bundle(artifact, kept.read_bytes())
        except FileNotFoundError:
            return f"{kept} is missing"
        except ArtifactMismatch as mismatch:
            return f"{kept}: {mismatch}"
        return bundle.difference(self._work_dir / "versions" / arm)

    def _last_words(self, arm: str) -> str:
        try:
            printed = self._path("logs", arm).read_bytes()[-_LOG_BYTES:]
        except FileNotFoundError:
            return "; it printed nothing"
        lines = printed.decode(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join(["; it printed last:", *lines]) if lines else "; it printed nothing"

    def _path(self, kind: str, arm: str) -> Path:
        endings = {"bundles": "zip", "logs": "log", "locks": "lock"}
        return self._work_dir / kind / f"{arm}.{endings.get(kind, 'json')}"

    def _program(self, arm: str) -> str:
        return f"{self._connection}-{arm}"

    def _program_file(self, arm: str) -> Path:
        return self._include_dir / f"{self._program(arm)}.conf"

    def _locked(self, arm: str) -> AbstractContextManager[None]:
        for folder in _FOLDERS:
            (self._work_dir / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        return one_at_a_time(self._path("locks", arm), within=_LOCKED_WITHIN)

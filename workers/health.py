"""What this worker depends on: waited for at start, asked again while it runs."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

_PAUSE = 1.0
_BETWEEN_PINGS = 15.0


class DependencyUnreachable(Exception):
    """Something that the settings name does not answer; each line names one setting."""


class DependencyUnfit(Exception):
    """Something that the settings name answers, and this build cannot work with it."""


@dataclass(frozen=True)
class Dependency:
    """One system behind one setting; *ping* returns when it answers and raises when it does not.

    A ping blocks, and ends within its client's own timeouts. The errors that *unfit* lists are
    never better for waiting.
    """

    setting: str
    address: str
    ping: Callable[[], None]
    unfit: tuple[type[Exception], ...] = ()


class Health:
    """The last word of every dependency and of every pool, for probes."""

    def __init__(self) -> None:
        self._dependencies: tuple[Dependency, ...] = ()
        self._problems: dict[str, str | None] = {}
        self.polling: Callable[[], Mapping[str, bool]] = dict

    def watch(self, dependencies: Sequence[Dependency]) -> None:
        """Ask these from now on."""
        self._dependencies = tuple(dependencies)

    async def ask_all(self) -> None:
        """Ping each dependency once, all at the same time.

        Raises:
            DependencyUnfit: one answered what no waiting makes better.
        """
        problems = await asyncio.gather(*(_problem(each) for each in self._dependencies))
        for dependency, problem in zip(self._dependencies, problems, strict=True):
            if problem != self._problems.get(dependency.setting):
                _tell(dependency, problem)
            self._problems[dependency.setting] = problem

    async def wait_for_all(self, within: float) -> None:
        """Return once everything has answered.

        Raises:
            DependencyUnreachable: after *within* seconds, with a line for each that has not.
            DependencyUnfit: at once, when one answers what no waiting makes better.
        """
        try:
            async with asyncio.timeout(within):
                await self.ask_all()
                while any(self._problems.values()):
                    await asyncio.sleep(_PAUSE)
                    await self.ask_all()
        except TimeoutError:
            raise DependencyUnreachable("\n".join(self._lines(within))) from None

    async def keep_asking(self) -> None:
        """Ask for as long as the worker runs; ends by being cancelled."""
        while True:
            await asyncio.sleep(_BETWEEN_PINGS)
            await self.ask_all()

    def report(self) -> dict[str, object]:
        """`ready`, each pool's polling, and each dependency's problem, None for well."""
        polling = dict(self.polling())
        well = not any(self._problems.values())
        return {
            "ready": bool(polling) and all(polling.values()) and well,
            "polling": polling,
            "dependencies": dict(self._problems),
        }

    def _lines(self, within: float) -> list[str]:
        return [
            f"{each.setting}: {each.address} did not answer within {within:g} s: "
            f"{self._problems.get(each.setting, 'no answer yet')}; "
            "check the address in the settings file and that it runs"
            for each in self._dependencies
            if self._problems.get(each.setting, "no answer yet")
        ]


async def _problem(dependency: Dependency) -> str | None:
    try:
        await asyncio.to_thread(dependency.ping)
    except dependency.unfit as error:
        raise DependencyUnfit(f"{dependency.setting}: {error}") from error
    except Exception as error:  # noqa: BLE001 - a ping asks whether, each client fails its own way
        return _first_line(error)
    return None


def _first_line(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return said[0][:300] if said else type(error).__name__


def _tell(dependency: Dependency, problem: str | None) -> None:
    about = {"setting": dependency.setting, "address": dependency.address}
    if problem is None:
        log.info("dependency_answered", **about)
    else:
        log.warning("dependency_did_not_answer", **about, problem=problem)

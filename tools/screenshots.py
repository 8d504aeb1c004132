"""Take the pictures of the Temporal UI that the documents show, from the running local stack.

python -m tools.screenshots      writes docs/images/*.png

The stack needs a release that ended as Healthy and one that ended as RolledBack, as `make demo`
or the tutorial leave them, or an environment that was extended and is Removed, as
`LOCKGATE_DEMO_KEEP=1 make demo-environments` leaves one: what is there is taken. Debian's Chromium
does the looking.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright
from temporalio.client import Client, WorkflowExecution

from infra.local.home import find_home
from infra.temporal import TemporalUnreachable, connect
from starters.releases import executions, name_of
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.names import Attribute
from workflows.domain.release.phase import Phase

FOLDER = Path(__file__).parents[1] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTH = 1280
PATIENCE_MS = 30_000
LARGEST = 300_000
"""Bytes; a picture in a repository is fetched by everybody for ever."""

_COLUMNS = ("Workflow ID", Attribute.PHASE, Attribute.SERVICE, Attribute.VERSION)


class NoPictures(Exception):
    """The pictures cannot be taken; the message says what to do first."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page of the UI; it is there once *shows* is, and the picture begins at *begin*."""

    name: str
    path: str
    shows: str
    framed: bool = False
    begin: str | None = None
    height: int = 800


async def pictures() -> tuple[Picture, ...]:
    """What to take: of releases, and of environments, as far as the stack has them.

    Raises:
        NoPictures: it has neither.
    """
    client = await connect()
    found: list[Picture] = []
    missing: list[str] = []
    for told in (_of_releases, _of_environments):
        try:
            found += await told(client)
        except NoPictures as problem:
            missing.append(str(problem))
    if not found:
        raise NoPictures("\n".join(missing))
    for each in missing:
        sys.stdout.write(f"left as it is: {each}\n")
    return tuple(found)


async def _of_releases(client: Client) -> tuple[Picture, ...]:
    """The list, the releases' pages, and the timelines of the one that went back."""
    healthy = await _latest(client, Phase.HEALTHY)
    back = await _latest(client, Phase.ROLLED_BACK)
    failed = await _the_one_that_failed(client, back)
    rollback = await client.get_workflow_handle(f"{back.id}/rollback").describe()
    listed = quote("`WorkflowType`='ReleaseWorkflow'")
    return (
        Picture(
            name="releases", path=f"?query={listed}", shows=str(Phase.ROLLED_BACK), height=560
        ),
        _story("release-healthy", healthy, "promoted"),
        _story("release-rolled-back", back, "withdrawn"),
        _timeline("release-timeline", back, "roll back"),
        _timeline("canary-timeline", failed, "judge"),
        _timeline("rollback-timeline", rollback, "withdraw"),
    )


async def _of_environments(client: Client) -> tuple[Picture, ...]:
    """The page and the timeline of the last one that went, and the page of one that lives."""
    gone = await _last_environment(client, EnvironmentPhase.REMOVED)
    return (
        _story("environment-removed", gone, "saves", height=1240),
        _timeline("environment-timeline", gone, "delete the stack"),
    )


async def _last_environment(client: Client, phase: EnvironmentPhase) -> WorkflowExecution:
    query = f"WorkflowType = 'EnvironmentWorkflow' AND {Attribute.PHASE} = '{phase}'"
    found = [execution async for execution in client.list_workflows(query)]
    if not found:
        raise NoPictures(
            f"namespace {client.namespace} has no environment that is {phase}: "
            "run `LOCKGATE_DEMO_KEEP=1 make demo-environments`"
        )
    return max(found, key=lambda execution: execution.start_time)


def _page(execution: WorkflowExecution, tab: str) -> str:
    return f"/{quote(execution.id, safe='')}/{execution.run_id}/{tab}"


def _story(name: str, execution: WorkflowExecution, shows: str, *, height: int = 1080) -> Picture:
    path = _page(execution, "user-metadata")
    return Picture(name=name, path=path, shows=shows, framed=True, height=height)


def _timeline(name: str, execution: WorkflowExecution, shows: str) -> Picture:
    return Picture(name=name, path=_page(execution, "timeline"), shows=shows, begin="Timeline")


async def _latest(client: Client, phase: Phase) -> WorkflowExecution:
    found = [e async for e in executions(client, f"{Attribute.PHASE} = '{phase}'")]
    if not found:
        raise NoPictures(
            f"namespace {client.namespace} has no release that is {phase}: "
            "run `make demo`, or follow docs/tutorial.md"
        )
    return max(found, key=lambda execution: execution.start_time)


async def _the_one_that_failed(client: Client, release: WorkflowExecution) -> WorkflowExecution:
    """The promotion that turned the release back."""
    query = f"WorkflowId STARTS_WITH '{release.id}/' AND WorkflowType = 'PromotionWorkflow'"
    found = [e async for e in client.list_workflows(f"{query} AND ExecutionStatus = 'Failed'")]
    if not found:
        raise NoPictures(f"{name_of(release.id)} was not turned back by a promotion; release v3")
    return found[0]


def take(browser: Browser, ui: str, picture: Picture) -> Path:
    """Open the page, wait for what it is about, and write the picture.

    Raises:
        NoPictures: the picture is larger than a repository should hold.
    """
    context = browser.new_context(
        viewport={"width": WIDTH, "height": picture.height}, locale="en-GB", timezone_id="UTC"
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(_preferences(ui.rpartition("/")[2]))
    page = context.new_page()
    page.goto(f"{ui}/workflows{picture.path}", wait_until="domcontentloaded")
    if picture.begin is not None:
        # What is not in view is not drawn.
        page.get_by_role("heading", name=picture.begin).first.evaluate("it => it.scrollIntoView()")
    # The UI shows Markdown in frames; the page of current details is the last.
    place = page.frame_locator("iframe").last if picture.framed else page
    place.get_by_text(picture.shows).first.wait_for()
    page.evaluate("document.fonts.ready")
    file = FOLDER / f"{picture.name}.png"
    page.screenshot(path=file, animations="disabled")
    context.close()
    if file.stat().st_size > LARGEST:
        raise NoPictures(f"{file} has {file.stat().st_size} bytes, allowed are {LARGEST}")
    return file


def _preferences(namespace: str) -> str:
    """The UI as a release manager would set it: our attributes as columns, no side bar."""
    columns = {namespace: [{"label": column} for column in (*_COLUMNS, "Start")]}
    wanted = {"namespace-workflow-table-columns": columns, "navOpen": False}
    return "".join(
        f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))});"
        for key, value in wanted.items()
    )


def browser_program() -> str:
    """Debian's Chromium; installed first where it is missing and this may be done.

    Raises:
        NoPictures: it is missing, and only root can install it.
    """
    if shutil.which(CHROMIUM) is None:
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        if os.geteuid() != 0:
            raise NoPictures(f"{CHROMIUM} is missing; as root: {' '.join(install)}")
        sys.stdout.write("installing chromium with apt-get, which takes a minute\n")
        subprocess.run(["apt-get", "update", "-qq"], check=True)  # noqa: S607 - Debian's own
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - as above
    return CHROMIUM


def _all() -> Iterator[Path]:
    ports = find_home().ports
    if not ports.is_file():
        raise NoPictures(f"no local stack in {ports.parent}: `make dev`, then docs/tutorial.md")
    ui = f"http://127.0.0.1:{json.loads(ports.read_text('utf-8'))['temporal-ui']}"
    wanted = asyncio.run(pictures())
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=FLAGS)
        for picture in wanted:
            yield take(browser, f"{ui}/namespaces/releases", picture)
        browser.close()


def main() -> None:
    """Take every picture, or say in one sentence why not."""
    try:
        for file in _all():
            sys.stdout.write(f"written: {file}\n")
    except (NoPictures, TemporalUnreachable) as problem:
        raise SystemExit(str(problem)) from problem


if __name__ == "__main__":
    main()

"""A hundred programs that succeed and say so: the SDK may abort in the interpreter's teardown."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workers.telemetry import _free_port

RUNS = 100

PROGRAM = """
import asyncio
from infra.exits import run_and_leave
from infra.temporal import connect


async def ask():
    client = await connect()
    await client.service_client.check_health()
    return 0


run_and_leave(lambda: asyncio.run(ask()))
"""


@pytest.fixture(scope="module")
def environ():
    beside = Path(sys.executable).with_name("temporal")
    temporal = str(beside) if beside.exists() else shutil.which("temporal")
    assert temporal, "no temporal CLI: pip install -r requirements/dev.lock"
    address = f"127.0.0.1:{_free_port()}"
    port = address.rsplit(":", 1)[1]
    command = [temporal, "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port]
    with subprocess.Popen(
        [*command, "--log-level", "error"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            found = {k: v for k, v in os.environ.items() if not k.startswith("TEMPORAL_")}
            found["TEMPORAL_ADDRESS"] = address
            _wait_until_it_answers(found)
            yield found
        finally:
            server.terminate()


def _exit_code(environ):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environ, capture_output=True, timeout=60, check=False
    )
    return done.returncode


def _wait_until_it_answers(environ):
    deadline = time.monotonic() + 30
    while _exit_code(environ) != 0:
        assert time.monotonic() < deadline, "the Temporal dev server did not come up"


def test_a_hundred_programs_that_succeed_exit_with_success(environ):
    with ThreadPoolExecutor(2) as two:
        codes = Counter(two.map(lambda _: _exit_code(environ), range(RUNS)))

    assert codes == {0: RUNS}

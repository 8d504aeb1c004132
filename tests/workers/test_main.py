"""The real process, as an operator or a supervisor starts it."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from workers.telemetry import _free_port


@pytest.fixture
def settings(tmp_path):
    """Settings of a worker whose pools hold no credential; returns the file and its HTTP port."""
    port = _free_port()
    file = tmp_path / "settings.toml"
    file.write_text(
        f"""
        [vault]
        address = "http://127.0.0.1:1"
        approles = "{tmp_path}"
        [ledger]
        url = "sqlite:///{tmp_path / "ledger.db"}"
        [worker]
        http_port = {port}
        make_current = true
        graceful_shutdown_seconds = 2
        """
    )
    return file, f"http://127.0.0.1:{port}"


def begin(*arguments, environ, settings=None):
    environ = dict(environ)
    if settings:
        environ["LOCKGATE_SETTINGS"] = str(settings)
    return subprocess.Popen(
        [sys.executable, "-m", "workers.main", *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(*arguments, environ, settings=None):
    with begin(*arguments, environ=environ, settings=settings) as process:
        _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def clean_environ(**extra):
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("TEMPORAL_", "LOCKGATE_"))
    }
    return kept | extra


def nowhere():
    return clean_environ(TEMPORAL_ADDRESS=f"127.0.0.1:{_free_port()}")


def logged(errors):
    return [json.loads(line) for line in errors.splitlines() if line.startswith("{")]


def until_ready(process, url):
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = httpx.get(f"{url}/readyz", trust_env=False)
            if answer.is_success:
                return answer.json()
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    process.kill()
    pytest.fail(f"the worker did not become ready:\n{process.communicate()[1]}")


def test_help_names_every_pool_and_exit_code():
    with begin("--help", environ=clean_environ()) as process:
        text, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    for word in ("stories", "traffic", "audit", "LOCKGATE_SETTINGS", "TEMPORAL_*", "75"):
        assert word in text


def test_a_pool_that_does_not_exist_is_refused_with_those_that_do():
    code, errors = ended("clouds", environ=clean_environ())

    assert code == 2
    assert "'clouds'" in errors
    assert "cloud" in errors


def test_settings_fail_with_every_problem_at_once_and_no_trace(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[ledger]\nurls = "sqlite://"\n[worker]\nhttp_port = "many"\n')

    code, errors = ended("stories", environ=clean_environ(), settings=file)

    assert code == 2
    for problem in ("vault: Field required", "ledger.urls", "ledger.url", "worker.http_port"):
        assert f"{file}: {problem}" in errors
    assert "Traceback" not in errors


def test_without_settings_the_variable_is_named():
    code, errors = ended("stories", environ=clean_environ())

    assert code == 2
    assert errors.startswith("lockgate-worker: LOCKGATE_SETTINGS is not set")


def test_an_http_port_in_use_is_a_settings_problem(settings, other_listener):
    file, url = settings
    port = url.rsplit(":", 1)[1]
    file.write_text(file.read_text().replace(port, str(other_listener)))

    code, errors = ended("decisions", environ=nowhere(), settings=file)

    assert code == 2
    assert "worker.http_port: cannot listen" in errors


def test_temporal_that_is_not_there_is_waited_for_and_then_named(settings):
    file, _ = settings

    code, errors = ended("decisions", "--wait", "2.5", environ=nowhere(), settings=file)

    assert code == 75
    assert "temporal_did_not_answer" in {line["event"] for line in logged(errors)}
    assert "cannot be reached: Connection refused" in errors.splitlines()[-1]
    assert "Traceback" not in errors


def test_a_namespace_that_does_not_exist_is_named(settings, temporal):
    file, _ = settings
    environ = temporal.environ | {"TEMPORAL_NAMESPACE": "nowhere"}

    code, errors = ended("stories", "--wait", "5", environ=environ, settings=file)

    assert code == 75
    assert "namespace 'nowhere': Temporal knows no such namespace" in errors


def test_what_the_settings_name_and_does_not_answer_is_named(settings, temporal):
    file, _ = settings

    code, errors = ended("vault", "--wait", "1.5", environ=temporal.environ, settings=file)

    assert code == 75
    assert "vault.approles (vault): http://127.0.0.1:1 did not answer" in errors
    assert "Traceback" not in errors


def test_a_signal_while_it_waits_ends_it_at_once(settings):
    file, url = settings
    with begin("decisions", "--wait", "60", environ=nowhere(), settings=file) as process:
        until_alive(process, url)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert logged(errors)[-1]["event"] == "worker_stopped_before_it_began"


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_polls_until_told_and_leaves_with_success(settings, temporal, told):
    file, url = settings
    with begin("stories", "decisions", environ=temporal.environ, settings=file) as process:
        report = until_ready(process, url)
        metrics = httpx.get(f"{url}/metrics", trust_env=False).text
        process.send_signal(told)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert report["polling"] == {"stories": True, "decisions": True}
    assert "temporal_" in metrics
    assert "process_cpu_seconds_total" in metrics
    events = [line["event"] for line in logged(errors)]
    assert events.index("worker_started") < events.index("worker_draining")
    assert events[-1] == "worker_stopped"
    assert "Traceback" not in errors


def until_alive(process, url):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(f"{url}/healthz", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    return pytest.fail(f"the worker does not answer:\n{process.communicate()[1]}")

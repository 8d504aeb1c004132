import os
import subprocess
import sys
import textwrap

import pytest


def ended(program, **options):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        **options,
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("return None", 0),
        ("return 7", 7),
        ("raise SystemExit", 0),
        ("raise SystemExit(75)", 75),
        ("raise KeyboardInterrupt", 130),
    ],
)
def test_the_exit_code_is_the_programs(body, code):
    done = ended(f"""
        from infra.exits import run_and_leave
        def program():
            {body}
        run_and_leave(program)
    """)

    assert (done.returncode, done.stderr) == (code, "")


def test_a_message_given_as_exit_code_is_printed_as_python_does():
    done = ended(
        "from infra.exits import run_and_leave; import sys; "
        "run_and_leave(lambda: sys.exit('no such release'))"
    )

    assert (done.returncode, done.stderr) == (1, "no such release\n")


def test_a_bug_prints_its_trace_and_is_1():
    done = ended("from infra.exits import run_and_leave; run_and_leave(lambda: 1 // 0)")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ZeroDivisionError")


def test_what_was_written_arrives_before_the_process_ends():
    done = ended("""
        import logging, logging.handlers, sys
        from infra.exits import leave
        memory = logging.handlers.MemoryHandler(100, target=logging.StreamHandler(sys.stderr))
        logging.getLogger().addHandler(memory)
        logging.getLogger().warning("logged")
        sys.stdout.write("written")
        leave(3)
    """)

    assert (done.returncode, done.stdout, done.stderr) == (3, "written", "logged\n")


def test_the_interpreters_teardown_is_skipped():
    done = ended("""
        import atexit
        from infra.exits import leave
        atexit.register(lambda: print("teardown"))
        leave(0)
    """)

    assert done.stdout == ""


def test_a_reader_that_went_away_changes_nothing():
    program = "import sys; from infra.exits import leave; sys.stdout.write('x' * 100); leave(0)"
    buffered = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=buffered
    ) as process:
        process.stdout.close()

        assert process.wait(timeout=30) == 0

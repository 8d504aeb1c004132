"""What `lockgate dev` says of the stack."""

import json
from pathlib import Path

from infra.local.stack import Health
from starters.commands.dev_output import print_status
from starters.output import OutputFormat


def health(**changes):
    known = {"name": "envoy", "state": "RUNNING", "pid": 7, "seconds_up": 3, "problem": ""}
    return Health(**{**known, "log": Path("envoy.log"), **changes})


def test_a_stack_that_is_down_says_how_to_start_it(capsys):
    print_status([], OutputFormat.TEXT)

    assert "lockgate dev up" in capsys.readouterr().out


def test_each_component_says_how_it_is(capsys):
    stopped = health(name="load", state="STOPPED", pid=0)
    ill = health(name="openbao", problem="sealed")

    print_status([health(), stopped, ill], OutputFormat.TEXT)

    lines = capsys.readouterr().out.splitlines()
    endings = ["healthy", "stopped on purpose", "sealed"]
    assert [line.split("s  ")[-1] for line in lines] == endings


def test_programs_get_every_field(capsys):
    print_status([health()], OutputFormat.JSON)

    (found,) = json.loads(capsys.readouterr().out)
    assert (found["name"], found["pid"], found["log"]) == ("envoy", 7, "envoy.log")

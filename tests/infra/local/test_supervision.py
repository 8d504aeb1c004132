import configparser
import shlex

from infra.local.component import Component, Site
from infra.local.home import Home
from infra.local.supervision import Process, Supervisor, daemon_config, program_config


def _parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


def test_a_program_restarts_whenever_it_dies_but_starts_only_when_asked(site: Site):
    component = Component("echo", command=lambda _: ["echo"], stop_signal="INT")

    program = _parsed(program_config(component, site))["program:echo"]

    assert program["autostart"] == "false"
    assert program["autorestart"] == "true"
    assert program["stopsignal"] == "INT"
    assert program["stdout_logfile"] == str(site.home.log("echo"))


def test_arguments_with_blanks_and_percent_signs_arrive_as_they_are(site: Site):
    arguments = ["run", "a b", "100%"]
    component = Component("odd", command=lambda _: arguments)

    program = _parsed(program_config(component, site))["program:odd"]

    assert shlex.split(program["command"].replace("%%", "%")) == arguments


def test_the_daemon_includes_the_platforms_programs(home: Home):
    included = _parsed(daemon_config(home))["include"]["files"].split()

    assert included == ["components.d/*.conf", "platform/conf.d/*.conf"]


def test_a_supervisor_that_does_not_run_knows_no_process(home: Home):
    assert not Supervisor(home).answers()
    assert Supervisor(home).processes() == {}


def test_a_process_that_backs_off_is_not_alive():
    process = Process("worker", state="BACKOFF", pid=0, seconds_up=0, error="")

    assert not process.alive

import pytest

from infra.local.component import Component, Site
from infra.local.errors import StackError
from infra.local.starting import Started, Starter, last_lines
from infra.local.supervision import Process, Supervisor


class Ward(Supervisor):
    """A supervisor whose programs run as soon as they are asked to, except the `sick`."""

    def __init__(self, site: Site, sick: frozenset[str] = frozenset()) -> None:
        super().__init__(site.home)
        self.sick = sick
        self.started: list[str] = []

    def run(self, name: str) -> None:
        self.started.append(name)

    def processes(self) -> dict[str, Process]:
        return {name: self._process(name) for name in self.started}

    def _process(self, name: str) -> Process:
        if name in self.sick:
            return Process(name, state="FATAL", pid=0, seconds_up=0, error="exits at once")
        return Process(name, state="RUNNING", pid=7, seconds_up=1, error="")


def _component(name: str, *needs: str) -> Component:
    return Component(name, command=lambda _: [name], needs=needs)


def test_a_component_starts_after_what_it_needs_is_settled(site: Site):
    told: list[Started] = []
    ward = Ward(site)

    Starter(site, ward, told.append).start_all([_component("vault"), _component("app", "vault")])

    assert ward.started == ["vault", "app"]
    assert [started.component for started in told] == ["vault", "app"]


def test_what_runs_already_is_left_alone(site: Site):
    told: list[Started] = []
    ward = Ward(site)
    Starter(site, ward, told.append).start_all([_component("vault")])

    Starter(site, ward, told.append).start_all([_component("vault")])

    assert ward.started == ["vault"]
    assert [started.already for started in told] == [False, True]


def test_what_runs_but_never_got_its_contents_gets_them(site: Site):
    """Whoever started it was killed in between."""
    given: list[str] = []
    vault = Component("vault", command=lambda _: [], settle=lambda _: given.append("policies"))
    ward = Ward(site)
    ward.started.append("vault")

    Starter(site, ward, lambda _: None).start_all([vault])

    assert ward.started == ["vault"]
    assert given == ["policies"]


def test_a_failure_names_the_component_its_log_and_the_remedy(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("infra.local.starting._DYING_SECONDS", 0.0)
    site.home.log("worker").write_text("first\nno such settings\n")
    ward = Ward(site, sick=frozenset({"worker"}))

    with pytest.raises(StackError) as failure:
        Starter(site, ward, lambda _: None).start_all(
            [_component("worker"), _component("load", "worker")]
        )

    assert "worker: not healthy (fatal): exits at once" in str(failure.value)
    assert "no such settings" in str(failure.value)
    assert "--without worker" in str(failure.value)
    assert ward.started == ["worker"]


def test_contents_are_given_again_while_the_component_is_not_ready_for_them(site: Site):
    answers = iter([ConnectionError("warming up"), None])

    def settle(_: Site) -> None:
        if error := next(answers):
            raise error

    slow = Component(
        "slow", command=lambda _: ["slow"], settle=settle, unsettled=(ConnectionError,)
    )

    Starter(site, Ward(site), lambda _: None).start_all([slow])

    assert next(answers, "used up") == "used up"


def test_the_last_lines_of_a_missing_log_are_none(site: Site):
    assert last_lines(site.home.log("nobody"), 5) == []

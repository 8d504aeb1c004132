from tests.builders import a_catalog, a_release
from workflows.domain.calendar.reach import in_scope, may_set_aside
from workflows.domain.spec import Catalog, Release

ON_SUNDAYS = {"dtstart": "20261129T000000Z", "duration": "1d"}


def read(**windows):
    written = {n: {**ON_SUNDAYS, **w} for n, w in windows.items()}
    release = Release.model_validate(a_release())
    return release.spec, Catalog.model_validate({**a_catalog(), "changeWindows": written})


def reached(**windows):
    release, catalog = read(**windows)
    return set(in_scope(release, catalog, catalog.change_windows))


def test_a_window_reaches_what_lies_in_its_scope_though_nothing_names_it():
    assert reached(
        all={},
        here={"scope": {"teams": ["team-shop"], "environments": ["production"]}},
        labelled={"selector": {"matchLabels": {"compliance": "sox"}}},
        staging={"scope": {"environments": ["staging"]}},
        abroad={"scope": {"regions": ["us-east"]}},
    ) == {"all", "here", "labelled"}


def who(**windows):
    _, catalog = read(**windows)
    return set(may_set_aside(catalog, catalog.change_windows.values()))


def test_those_may_set_aside_who_hold_a_role_that_may():
    assert who(none={}) == set()
    assert who(one={"override": {"roles": ["product"]}}) == {"eve"}
    assert who(one={"override": {"roles": ["product"]}}, two={"override": {}}) == {
        "ana",
        "ben",
        "eve",
    }

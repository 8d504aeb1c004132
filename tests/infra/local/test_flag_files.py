import json

from infra.local.component import Site
from infra.local.flag_files import prepare_flags


def test_each_environment_has_a_flag_that_is_off(site: Site):
    prepare_flags(site)

    for environment in ("staging", "production"):
        held = json.loads(site.home.flags(environment).read_text())
        assert held["flags"]["new-checkout"]["defaultVariant"] == "off"


def test_flags_that_a_release_set_outlive_a_restart(site: Site):
    file = site.home.flags("production")
    file.write_text("written by a release")

    prepare_flags(site)

    assert file.read_text() == "written by a release"

from pathlib import Path

from infra.trust import DecisionsSettings


def test_every_catalog_may_be_ruled_by_unless_a_list_is_named():
    assert DecisionsSettings().catalogs is None
    assert DecisionsSettings.model_validate({"catalogs": "/etc/x"}).catalogs == Path("/etc/x")

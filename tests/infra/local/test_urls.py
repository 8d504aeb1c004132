"""What `dev up` tells people to open: what runs, and nothing else."""

from dataclasses import replace
from pathlib import Path

from infra.local.component import Site
from infra.local.urls import urls


def test_what_does_not_run_has_no_address(site: Site):
    found = urls(site)

    assert found["Temporal UI"].startswith(site.url("temporal-ui"))
    assert not {"AWS emulator", "Prometheus", "Alertmanager"} & set(found)


def test_what_was_added_has_one(site: Site):
    found = urls(replace(site, added=frozenset({"aws"}), monitoring=Path("programs")))

    assert found["AWS emulator"] == site.url("aws")
    assert found["Alertmanager"] == site.url("alertmanager")

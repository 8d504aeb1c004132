from dataclasses import replace

from infra.local.cloud import AWS
from infra.local.component import Site
from infra.local.schedule_files import write_schedules
from infra.local.settings_file import write_settings
from infra.settings import load_settings
from starters.schedules.declared import read_schedules
from workflows.domain.environments.sweeping import OrphanSweepOrder


def test_orphans_are_looked_for_where_the_worker_has_a_cloud(site: Site):
    site = replace(site, added=frozenset({AWS.name}))
    write_schedules(site)
    write_settings(site)

    (orphans,) = read_schedules(site.home.schedules)

    assert isinstance(orphans.order, OrphanSweepOrder)
    assert {provider.connection for provider in orphans.order.providers} == set(
        load_settings(site.home.settings).environments
    )


def test_a_stack_without_a_cloud_looks_for_none(site: Site):
    write_schedules(replace(site, added=frozenset({AWS.name})))

    write_schedules(site)

    assert read_schedules(site.home.schedules) == ()

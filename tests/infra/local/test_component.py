"""What a component is without being told more, and what a site tells of its addresses."""

from dataclasses import FrozenInstanceError, replace

import pytest

from infra.local.component import Component, Site


def test_a_component_of_a_command_alone_needs_nothing_and_waits_for_nothing(site: Site):
    plain = Component("plain", command=lambda site: ["true"])
    before = sorted(site.home.root.rglob("*"))

    plain.prepare(site)
    plain.settle(site)

    assert (plain.problem, plain.needs, plain.unsettled) == (None, (), ())
    assert plain.environment(site) == {}
    assert sorted(site.home.root.rglob("*")) == before


def test_every_address_is_on_loopback_and_of_its_own_port(site: Site):
    addresses = {site.url(name) for name in site.ports}

    assert len(addresses) == len(site.ports)
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)
    assert site.url("worker").endswith(f":{site.ports['worker']}")


def test_a_port_that_no_component_has_is_a_bug(site: Site):
    with pytest.raises(KeyError):
        site.url("ftp")


def test_a_site_stays_as_it_was_found(site: Site):
    with pytest.raises(FrozenInstanceError):
        site.monitoring = site.home.root

    assert replace(site, monitoring=site.home.root).monitoring == site.home.root


def test_a_site_does_not_show_its_passwords(site: Site):
    shown = repr(site)

    assert not any(secret in shown for secret in site.credentials.model_dump().values())

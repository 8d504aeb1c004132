"""One stack for all releases of a session: worker, traffic, and the shop's first version."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from temporalio.client import Client

from examples.environments.by_hand import ByHand
from examples.shop.build import build
from examples.shop.publish import publish
from examples.shop.versions import VERSIONS
from infra.local import stack
from infra.local.component import Site
from infra.local.home import Home
from infra.temporal import DATA_CONVERTER, connect_config
from tests.cloud_proxy import proxying
from tests.e2e.at_rest import settled
from tests.e2e.live_cloud import LiveCloud, route_through
from tests.e2e.live_shop import ROOT, LiveShop
from tests.e2e.release_files import write_catalog
from workflows.domain.release.phase import Phase

ORDERS_A_SECOND = "60"


@pytest.fixture(scope="session")
def shop_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A stack with a worker, and every version of the shop in its bucket of builds."""
    home = Home(tmp_path_factory.mktemp("shop") / "state")
    try:
        site = stack.up(home, without=frozenset({"load"})).site
        publish([build(s, v) for s, versions in VERSIONS.items() for v in versions], home.builds)
        yield site
    finally:
        stack.down(home)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def first_shop(
    shop_site: Site, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LiveShop]:
    """The shop's v1 in both environments, and customers who order from it."""
    files = tmp_path_factory.mktemp("releases")
    for name in ("gated", "open"):
        metrics = "exposition" if shop_site.monitoring is None else "prometheus"
        write_catalog(files / name, gated=name == "gated", metrics=metrics)
    told = connect_config({"TEMPORAL_CONFIG_FILE": str(shop_site.home.temporal_config)})
    client = await Client.connect(**told, data_converter=DATA_CONVERTER)
    shop = LiveShop(shop_site, client, files)
    first = dict.fromkeys(("inventory", "payments", "checkout"), "v1")
    release = await shop.release("first", first, environments=("staging", "production"))
    assert (await release.ended()).phase is Phase.HEALTHY
    with _customers(shop_site) as customers:
        try:
            yield shop
        finally:
            customers.terminate()


@pytest_asyncio.fixture(loop_scope="session")
async def shop(first_shop: LiveShop) -> AsyncIterator[LiveShop]:
    """The shop as a test may expect it: all traffic on one version, and nothing left over.

    What a failing test leaves open is aborted, so that it does not fail those that follow.
    """
    assert settled(first_shop, within=20) == []
    yield first_shop
    await first_shop.abort_open_releases()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cloud(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveCloud]:
    """A stack with an emulator of AWS, which the worker asks by way of a proxy."""
    home = Home(tmp_path_factory.mktemp("cloud") / "state")
    try:
        site = stack.up(home, without=frozenset({"load"}), added=frozenset({"aws"})).site
        with proxying(site.url("aws")) as proxy:
            route_through(site, proxy, per_second=200)
            told = connect_config({"TEMPORAL_CONFIG_FILE": str(site.home.temporal_config)})
            client = await Client.connect(**told, data_converter=DATA_CONVERTER)
            live = LiveCloud(site, client, proxy, ByHand(home.root))
            live.lockgate("schedules", "apply")
            yield live
    finally:
        stack.down(home)


def _customers(site: Site) -> "subprocess.Popen[bytes]":
    address = site.url("envoy-production-checkout")
    program = str(ROOT / "examples" / "shop" / "load.py")
    return subprocess.Popen(
        [sys.executable, program, "--url", address, "--rate", ORDERS_A_SECOND, "--seed", "7"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

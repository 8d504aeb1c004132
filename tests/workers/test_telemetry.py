import asyncio

import httpx
from temporalio.client import Client

from workers.telemetry import start_telemetry


async def test_the_sdks_metrics_are_read_where_it_says(temporal):
    telemetry = start_telemetry()
    connected = await Client.connect(temporal.address, runtime=telemetry.runtime)
    await connected.service_client.check_health()

    async def page():
        return (await client.get(telemetry.metrics_url)).text

    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(10):
        while "temporal_request" not in await page():  # noqa: ASYNC110 - a page tells no one
            await asyncio.sleep(0.05)

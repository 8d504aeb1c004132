import socket

import httpx
import pytest
from google.protobuf.json_format import MessageToJson, Parse
from temporalio.api.common.v1 import Payload, Payloads

from infra.codec import PayloadLocked
from workers.health import Health
from workers.http import AddressTaken, application, serving

UI = "http://localhost:8233"


class Codec:
    async def encode(self, payloads):
        return [Payload(data=b"sealed:" + each.data) for each in payloads]

    async def decode(self, payloads):
        if any(not each.data.startswith(b"sealed:") for each in payloads):
            raise PayloadLocked("a payload does not open")
        return [Payload(data=each.data.removeprefix(b"sealed:")) for each in payloads]


@pytest.fixture
def health():
    return Health()


def asking(health, *, codec=None, sdk="http://127.0.0.1:1/metrics"):
    endpoints = application(health, sdk_metrics_url=sdk, codec=codec)
    transport = httpx.ASGITransport(endpoints)
    return httpx.AsyncClient(transport=transport, base_url="http://worker")


def body(*data):
    return MessageToJson(Payloads(payloads=[Payload(data=each) for each in data]))


async def test_a_living_process_answers(health):
    async with asking(health) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_readiness_is_503_until_the_pools_poll(health):
    async with asking(health) as client:
        assert (await client.get("/readyz")).status_code == 503
        health.polling = lambda: {"stories": True}

        answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "polling": {"stories": True}, "dependencies": {}}


async def test_metrics_join_ours_and_the_sdks(health, sdk_endpoint):
    async with asking(health, sdk=sdk_endpoint) as client:
        answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "python_info" in answer.text
    assert "temporal_num_pollers 5" in answer.text


async def test_metrics_without_the_sdk_are_still_ours(health):
    async with asking(health) as client:
        answer = await client.get("/metrics")

    assert answer.status_code == 200
    assert "python_info" in answer.text


async def test_there_is_no_codec_endpoint_without_a_codec(health):
    async with asking(health) as client:
        assert (await client.post("/codec/decode", content=body(b"x"))).status_code == 404


async def test_the_codec_speaks_temporals_protocol(health):
    async with asking(health, codec=Codec()) as client:
        sealed = await client.post("/codec/encode", content=body(b"a", b"b"))
        opened = await client.post("/codec/decode", content=sealed.content)

    assert [p.data for p in Parse(sealed.text, Payloads()).payloads] == [b"sealed:a", b"sealed:b"]
    assert [p.data for p in Parse(opened.text, Payloads()).payloads] == [b"a", b"b"]


@pytest.mark.parametrize(("content", "status"), [("not json", 400), (body(b"plain"), 422)])
async def test_what_cannot_be_decoded_is_refused_in_words(health, content, status):
    async with asking(health, codec=Codec()) as client:
        answer = await client.post("/codec/decode", content=content)

    assert answer.status_code == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("origin", "allowed"), [(UI, UI), ("https://evil.example", None)])
async def test_only_the_ui_of_this_machine_may_decode_from_a_browser(health, origin, allowed):
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-namespace",
    }
    async with asking(health, codec=Codec()) as client:
        answer = await client.options("/codec/decode", headers=headers)

    assert answer.headers.get("access-control-allow-origin") == allowed


async def test_it_serves_until_the_block_ends(health):
    endpoints = application(health, sdk_metrics_url="http://127.0.0.1:1/metrics")
    async with httpx.AsyncClient(trust_env=False) as client:
        async with serving(endpoints, "127.0.0.1", 0) as address:
            assert (await client.get(f"{address}/healthz")).status_code == 200

        with pytest.raises(httpx.ConnectError):
            await client.get(f"{address}/healthz")


async def test_an_address_in_use_names_the_settings(health):
    endpoints = application(health, sdk_metrics_url="http://127.0.0.1:1/metrics")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressTaken, match=rf"worker\.http_port: cannot listen on .*:{port}"):
            async with serving(endpoints, "127.0.0.1", port):
                pytest.fail("it listens twice")


@pytest.fixture
async def sdk_endpoint():
    async def exposition(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"temporal_num_pollers 5\n"})

    async with serving(exposition, "127.0.0.1", 0) as address:
        yield f"{address}/metrics"

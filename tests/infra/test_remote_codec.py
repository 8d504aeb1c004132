import httpx
import pytest
from google.protobuf.json_format import MessageToJson, Parse
from temporalio.api.common.v1 import Payload, Payloads

from infra.remote_codec import CodecUnreachable, RemoteCodec

PLAIN = [Payload(metadata={"encoding": b"json/plain"}, data=b"1")]


def answering(handler):
    return RemoteCodec("http://worker/codec/", transport=httpx.MockTransport(handler))


async def test_payloads_go_to_the_endpoint_and_come_back_turned():
    def turn(request):
        asked = Parse(request.content, Payloads()).payloads
        turned = [Payload(data=request.url.path.encode() + each.data) for each in asked]
        return httpx.Response(200, text=MessageToJson(Payloads(payloads=turned)))

    codec = answering(turn)

    assert [p.data for p in await codec.encode(PLAIN)] == [b"/codec/encode1"]
    assert [p.data for p in await codec.decode(PLAIN)] == [b"/codec/decode1"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(422, text="locked"),
        httpx.Response(200, text="not json"),
        httpx.Response(200, text="{}"),
    ],
    ids=["refused", "garbage", "too few"],
)
async def test_nothing_is_sent_unencrypted_when_the_codec_does_not_answer_well(answer):
    with pytest.raises(CodecUnreachable, match="http://worker/codec/encode"):
        await answering(lambda _request: answer).encode(PLAIN)


async def test_an_endpoint_that_is_down_is_named_with_a_remedy():
    def down(request):
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(CodecUnreachable, match="check LOCKGATE_CODEC_URL"):
        await answering(down).decode(PLAIN)

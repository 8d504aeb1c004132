"""Payload encryption by asking a worker's codec endpoint, for processes that hold no key."""

from collections.abc import Sequence

import httpx
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

_TIMEOUT = httpx.Timeout(10, connect=3)


class CodecUnreachable(Exception):
    """The codec endpoint gave no usable answer, so the payload is neither sent nor shown."""


class RemoteCodec(PayloadCodec):
    """Speaks Temporal's remote codec protocol to *url* (`…/codec`), once per batch of payloads.

    Raises:
        CodecUnreachable: from encode and decode; nothing is ever sent unencrypted instead.
    """

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._transport = transport

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._ask("encode", payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._ask("decode", payloads)

    async def _ask(self, what: str, payloads: Sequence[Payload]) -> list[Payload]:
        address = f"{self._url}/{what}"
        body = MessageToJson(Payloads(payloads=payloads))
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT, transport=self._transport) as client:
                answer = await client.post(
                    address, content=body, headers={"content-type": "application/json"}
                )
            answer.raise_for_status()
            answered = list(Parse(answer.text, Payloads()).payloads)
        except (httpx.HTTPError, ParseError) as error:
            raise CodecUnreachable(
                f"{address}: cannot {what} payloads: {error}; "
                "check LOCKGATE_CODEC_URL and that a worker with a codec runs there"
            ) from error
        if len(answered) != len(payloads):
            raise CodecUnreachable(
                f"{address}: {len(answered)} payloads came back for {len(payloads)}"
            )
        return answered

"""The door that customers come in by: where it is, and how our requests are marked."""

import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import httpx

from activities.journeys.visit import Visit
from workflows.domain.errors import TargetMissing

_AGENT = "lockgate-journey"


class HttpEntrance:
    """Where the services of one environment are reached, and how our requests are marked."""

    type: ClassVar[str] = "http"

    def __init__(
        self,
        *,
        base_urls: Mapping[str, str],
        mark: tuple[str, str],
        secrets_under: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Secrets of journeys lie below *secrets_under*; *transport* is for tests."""
        self.secrets_under = secrets_under
        self._base_urls = dict(base_urls)
        self._mark = mark
        self._transport = transport

    def base_url(self, service: str) -> str:
        """Where *service* is reached.

        Raises:
            TargetMissing: the settings name no address for it.
        """
        if service not in self._base_urls:
            known = ", ".join(sorted(self._base_urls)) or "none"
            raise TargetMissing(
                f"no address of service {service!r} in this entrance's base_urls, which have: "
                f"{known}; add it to the settings, or correct the journey's service"
            )
        return self._base_urls[service].rstrip("/")

    def visit(self, service: str, headers: Mapping[str, str], *, trace: str) -> Visit:
        """A customer of *service*, with cookies of their own; *headers* go with every request."""
        name, value = self._mark
        client = httpx.Client(trust_env=False, transport=self._transport, verify=self._trust)
        marks = {"user-agent": _AGENT, **headers, name: value}
        return Visit(client, self.base_url(service), marks=marks, trace=trace)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Loading the certificates takes longer than most journeys do.
        return ssl.create_default_context()

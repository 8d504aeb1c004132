"""The SDK's runtime: its metrics on loopback, its log lines in ours."""

import logging
import socket
from dataclasses import dataclass

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)


@dataclass(frozen=True)
class Telemetry:
    """A runtime, to be made before the first client, and where its metrics are read."""

    runtime: Runtime
    metrics_url: str


def start_telemetry() -> Telemetry:
    address = f"127.0.0.1:{_free_port()}"
    runtime = Runtime(
        telemetry=TelemetryConfig(
            metrics=PrometheusConfig(bind_address=address, durations_as_seconds=True),
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
                forwarding=LogForwardingConfig(
                    logger=logging.getLogger("temporalio.core"),
                    append_target_to_name=False,
                    prepend_target_on_message=False,
                ),
            ),
        )
    )
    return Telemetry(runtime=runtime, metrics_url=f"http://{address}/metrics")


def _free_port() -> int:
    # The SDK takes an address but does not tell which port 0 became.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port

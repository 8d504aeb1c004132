"""Receiving alerts until told to end."""

from pathlib import Path

from infra.logging import configure_logging
from infra.temporal import connect
from starters.alerts.alert_delivery import AlertDelivery
from starters.alerts.alert_receiver import application, serve
from starters.identity.token_file import read_token
from starters.session import stay
from workflows.domain.watching.alerting import LabelNames


def receive(*, host: str, port: int, token_file: Path, names: LabelNames) -> None:
    """Serve the webhook; Temporal need not answer yet.

    Raises:
        CommandFailed: the token cannot be read, or the port is taken.
    """
    token = read_token(token_file)
    configure_logging()
    stay(serve(application(AlertDelivery(connect, names), token=token), host, port))

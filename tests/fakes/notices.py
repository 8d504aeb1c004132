"""Notices in memory: who was told what, and a mail server that turns some of it down."""

from workflows.domain.errors import Refused, ReleaseError
from workflows.domain.people.addresses import is_address
from workflows.ports.notices import NoticesPort, SendNotice, SentNotice


class FakeNotices(NoticesPort):
    """Keeps each notice under its key; *failures* are raised first, one at each ask.

    Where *served* is false, it is as if the settings named no mail server.
    """

    def __init__(self) -> None:
        self.told: dict[str, SendNotice] = {}
        self.asks: list[SendNotice] = []
        self.failures: list[ReleaseError] = []
        self.served = True

    def send_notice(self, ask: SendNotice) -> SentNotice:
        self.asks.append(ask)
        if ask.address is None:
            return SentNotice(sent=False, how=f"the catalog knows no e-mail address of {ask.to}")
        if not self.served:
            return SentNotice(sent=False, how="no mail server is in this worker's settings")
        if not is_address(ask.address):
            raise Refused(f"{ask.address!r} is no e-mail address, so {ask.to} was not told")
        if self.failures:
            raise self.failures.pop(0)
        self.told[ask.key] = ask
        return SentNotice(sent=True, how=f"by mail to {ask.address}")

"""NoticesPort over mail; where the settings name no mail server, the answer says so."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from activities.notices.letter import letter
from activities.notices.smtp import MailServer
from workflows.ports.notices import NoticesPort, SendNotice, SentNotice

log = structlog.get_logger(__name__)


def now() -> datetime:
    return datetime.now(UTC)


class NoticesActivities(NoticesPort):
    def __init__(
        self, mail: MailServer | None = None, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._mail = mail
        self._clock = clock

    def send_notice(self, ask: SendNotice) -> SentNotice:
        if ask.address is None:
            return SentNotice(sent=False, how=f"the catalog knows no e-mail address of {ask.to}")
        if self._mail is None:
            return SentNotice(
                sent=False, how="no mail server is in this worker's settings ([notices])"
            )
        message = letter(ask, to=ask.address, sender=self._mail.sender, at=self._clock())
        self._mail.deliver(message, to=ask.address)
        log.info("notice_sent", to=ask.to, message_id=message["Message-ID"])
        return SentNotice(sent=True, how=f"by mail to {ask.address}")

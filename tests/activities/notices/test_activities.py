"""What the port promises is in tests/contract/test_notices.py."""

from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from activities.notices.activities import NoticesActivities, now
from workflows.ports.notices import SendNotice

ASK = SendNotice(to="ana", address="ana@shop.test", subject="s", text="hunter2", key="k")


class Server:
    sender = "lockgate@shop.test"

    def deliver(self, message, *, to):
        self.delivered = message, to


def test_what_was_sent_is_logged_without_what_it_says():
    server = Server()

    with capture_logs() as logs:
        NoticesActivities(server).send_notice(ASK)

    message, to = server.delivered
    assert to == "ana@shop.test"
    assert logs == [
        {
            "event": "notice_sent",
            "log_level": "info",
            "to": "ana",
            "message_id": message["Message-ID"],
        }
    ]


def test_a_message_is_of_the_time_at_which_it_is_sent():
    assert abs(now() - datetime.now(UTC)) < timedelta(minutes=1)

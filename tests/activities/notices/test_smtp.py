"""What a mail server promises is in tests/contract/test_notices.py, on a real one."""

import smtplib
from email.message import EmailMessage

import pytest

from activities.notices.smtp import MailServer, Tls
from workflows.domain.errors import Refused, Unavailable


class Connection:
    """What is used of smtplib.SMTP; it fails as it is told."""

    def __init__(self):
        self.sent, self.closed = 0, 0

    def send_message(self, _message, **_envelope):
        self.sent += 1

    def quit(self):
        raise smtplib.SMTPServerDisconnected("gone")

    def close(self):
        self.closed += 1


@pytest.fixture
def connection(monkeypatch):
    made = Connection()
    monkeypatch.setattr(smtplib, "SMTP", lambda *_args, **_more: made)
    return made


SERVER = MailServer("mail.test", 25, sender="lockgate@shop.test", tls=Tls.NONE)


def test_a_farewell_that_fails_sends_nothing_twice(connection):
    SERVER.deliver(EmailMessage(), to="ana@shop.test")

    assert connection.sent == connection.closed == 1


@pytest.mark.parametrize(("code", "kind"), [(535, Refused), (454, Unavailable)])
def test_a_login_that_cannot_be_checked_now_is_asked_for_again(connection, code, kind):
    def turned_down(_message, **_envelope):
        raise smtplib.SMTPAuthenticationError(code, b"hunter2")

    connection.send_message = turned_down

    with pytest.raises(kind, match=f"{code}: the login was turned down"):
        SERVER.deliver(EmailMessage(), to="ana@shop.test")

    assert connection.closed == 1


def test_what_a_server_says_is_one_short_line(connection):
    def turned_down(_message, **_envelope):
        raise smtplib.SMTPDataError(554, b"5.7.1 no\r\n" + b"\x1b[31m" + b"x" * 1_000)

    connection.send_message = turned_down

    with pytest.raises(Refused) as refused:
        SERVER.deliver(EmailMessage(), to="ana@shop.test")

    assert str(refused.value).startswith("mail server mail.test:25 answered 554: 5.7.1 no [31mx")
    assert len(str(refused.value)) < 300

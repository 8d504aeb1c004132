"""What is promised of notices to people: over SMTP to a real mail server, and of their fake."""

import socket
import threading
from datetime import UTC, datetime

import pytest

from activities.notices import MailLogin, MailServer, NoticesActivities, Tls
from tests.contract.mailroom import LOGIN, Certificate, mailroom
from tests.fakes.notices import FakeNotices
from tests.loopback import free_port
from workflows.domain.errors import Refused, Unavailable
from workflows.ports.notices import SendNotice

# aiosmtpd does not count what came over implicit TLS as encrypted.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS:UserWarning"
)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
SENDER = "lockgate@shop.test"


def notice(**changes):
    asked = SendNotice(
        to="ana",
        address="ana@shop.test",
        subject="pr-7 ends soon",
        text="It ends at noon: für 3 €.\nExtend it.\n",
        key="environment/pr-7/warned/1h",
    )
    return asked.model_copy(update=changes)


def over(port, **more):
    server = MailServer("127.0.0.1", port, **({"sender": SENDER, "tls": Tls.NONE} | more))
    return NoticesActivities(server, clock=lambda: NOON)


class Mail:
    """A mail server in the settings, and what lies in its mailbox."""

    def __init__(self, room, port):
        self._room = room
        self.port = over(port)

    def fails(self, kind):
        self._room.delivery = {Refused: "550 no such user", Unavailable: "451 later"}[kind]

    def mailbox(self):
        return {message["Message-ID"]: message["Subject"] for message in self._room.received}


class InMemory:
    def __init__(self):
        self.port = FakeNotices()

    def fails(self, kind):
        self.port.failures = [kind("the mail server says no")]

    def mailbox(self):
        return {key: ask.subject for key, ask in self.port.told.items()}


@pytest.fixture(params=["fake", "smtp"])
def mail(request):
    if request.param == "fake":
        yield InMemory()
        return
    with mailroom() as (room, port):
        yield Mail(room, port)


# Promises of the port


def test_a_notice_is_in_the_mailbox_and_the_answer_says_whose(mail):
    sent = mail.port.send_notice(notice())

    assert list(mail.mailbox().values()) == ["pr-7 ends soon"]
    assert sent.sent
    assert str(sent) == "told by mail to ana@shop.test"


def test_asked_again_it_is_known_for_the_same_notice(mail):
    mail.port.send_notice(notice())
    mail.port.send_notice(notice())
    mail.port.send_notice(notice(key="environment/pr-7/warned/24h", subject="another one"))

    assert sorted(mail.mailbox().values()) == ["another one", "pr-7 ends soon"]


def test_somebody_without_an_address_is_not_told_and_the_answer_says_why(mail):
    sent = mail.port.send_notice(notice(address=None))

    assert mail.mailbox() == {}
    assert not sent.sent
    assert str(sent) == "not told: the catalog knows no e-mail address of ana"


@pytest.mark.parametrize("kind", [Refused, Unavailable])
def test_what_the_mail_server_does_not_take_is_an_error_of_its_kind(mail, kind):
    mail.fails(kind)

    with pytest.raises(kind):
        mail.port.send_notice(notice())

    assert mail.mailbox() == {}


@pytest.mark.parametrize(
    "address", ["ana", "ana@shop.test\nBcc: all@shop.test", "ana@shop.test, all@shop.test", ""]
)
def test_what_is_no_address_is_refused_before_anybody_is_asked(mail, address):
    with pytest.raises(Refused, match="no e-mail address"):
        mail.port.send_notice(notice(address=address))

    assert mail.mailbox() == {}


def test_without_a_mail_server_nobody_is_told_and_the_answer_says_why():
    fake = FakeNotices()
    fake.served = False

    for port in (fake, NoticesActivities()):
        sent = port.send_notice(notice())
        assert not sent.sent
        assert "no mail server is in this worker's settings" in sent.how


# Promises of the mail server


@pytest.fixture
def room():
    with mailroom() as (room, port):
        room.port = over(port)
        yield room


def test_the_message_says_who_when_and_what_and_asks_for_no_answer(room):
    room.port.send_notice(notice())

    (message,) = room.received
    assert room.to == ["ana@shop.test"]
    assert message["To"] == "ana <ana@shop.test>"
    assert message["From"] == f"Lockgate <{SENDER}>"
    assert message["Date"].datetime == NOON
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@shop.test>")
    assert message.get_content() == notice().text.replace("\n", "\r\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x00"])
@pytest.mark.parametrize("part", ["to", "subject", "key"])
def test_no_text_adds_a_header_or_a_recipient(room, part, newline):
    injected = f"pr-7{newline}Bcc: all@shop.test{newline}{newline}body"

    room.port.send_notice(notice(**{part: injected}))

    (message,) = room.received
    assert room.to == ["ana@shop.test"]
    assert sorted(message) == sorted(
        [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"),
            *("Content-Type", "Content-Transfer-Encoding"),
        ]
    )
    assert message.get_content() == notice().text.replace("\n", "\r\n")


def test_no_text_ends_the_message_or_begins_a_second_one(room):
    text = "one\n.\nMAIL FROM:<evil@shop.test>\r.\r\nQUIT\n" + "x" * 5000

    room.port.send_notice(notice(text=text))

    (message,) = room.received
    assert message.get_content().splitlines() == text.splitlines()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550: no such user", Refused),
        ("552: mailbox full for good", Refused),
        ("451: try again", Unavailable),
        ("450: greylisted", Unavailable),
    ],
)
@pytest.mark.parametrize("where", ["recipient", "delivery"])
def test_never_is_refused_and_later_is_unavailable(room, where, answer, kind):
    setattr(room, where, answer.replace(":", ""))

    with pytest.raises(kind, match=rf"mail server 127\.0\.0\.1:\d+ answered {answer}"):
        room.port.send_notice(notice())


def test_one_that_is_not_there_is_unavailable():
    with pytest.raises(Unavailable, match="cannot be reached"):
        over(free_port()).send_notice(notice())


@pytest.mark.parametrize(
    ("greeting", "told"), [(b"", "timed out"), (b"hello\r\n", "answered -1"), (None, "closed")]
)
def test_one_that_does_not_speak_or_speaks_no_smtp_is_unavailable(greeting, told):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def answer():
            connection, _ = listening.accept()
            with connection:
                if greeting is not None:
                    connection.sendall(greeting)
                    ended.wait(20)

        serving = threading.Thread(target=answer)
        serving.start()
        try:
            with pytest.raises(Unavailable, match=told):
                over(listening.getsockname()[1], seconds=0.2).send_notice(notice())
        finally:
            ended.set()
            serving.join()


# Promises of encryption


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=[Tls.STARTTLS, Tls.IMPLICIT])
def encrypted(request, certificate):
    """A mail server that wants TLS and a login, and how it is asked."""
    with mailroom(**{request.param.value: certificate.served}) as (room, port):
        room.ask = lambda **more: over(
            port,
            **{"tls": request.param, "login": lambda: LOGIN, "trust": certificate.trusted} | more,
        )
        yield room


def test_it_is_sent_encrypted_by_who_has_logged_in(encrypted):
    assert encrypted.ask().send_notice(notice()).sent

    assert encrypted.encrypted == [True]
    assert encrypted.logged_in == [True]


def test_a_login_that_is_turned_down_is_refused_and_not_told_to_anybody(encrypted):
    wrong = encrypted.ask(login=lambda: MailLogin("lockgate", "hunter3"))

    with pytest.raises(Refused, match="535: the login was turned down") as refused:
        wrong.send_notice(notice())

    assert "hunter" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert "hunter" not in repr(LOGIN)


def test_a_certificate_that_nobody_believes_is_given_neither_login_nor_mail(encrypted):
    with pytest.raises(Refused, match=r"certificate that is not believed.*ca_file"):
        encrypted.ask(trust=None).send_notice(notice())

    assert encrypted.received == []


def test_a_certificate_of_another_host_is_not_believed(tmp_path):
    other = Certificate(tmp_path, host="127.0.0.2")
    with mailroom(starttls=other.served) as (room, port):
        asked = over(port, tls=Tls.STARTTLS, trust=other.trusted)

        with pytest.raises(Refused, match="not believed"):
            asked.send_notice(notice())

        assert room.received == []


def test_one_that_does_not_offer_what_the_settings_ask_is_given_nothing(room, certificate):
    port = int(room.port._mail.place.rpartition(":")[2])
    asked = [
        over(port, tls=Tls.STARTTLS, trust=certificate.trusted),
        over(port, login=lambda: LOGIN),
    ]

    for each in asked:
        with pytest.raises(Refused, match="does not do what the settings ask"):
            each.send_notice(notice())

    assert room.received == []

"""A real mail server on loopback that keeps what it is given, or turns it down as told."""

import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.notices import MailLogin
from tests.loopback import free_port

LOGIN = MailLogin("lockgate", "hunter2-in-the-vault")


class Mailroom:
    """Answers `recipient` to RCPT and `delivery` to DATA, where they are set."""

    def __init__(self) -> None:
        self.recipient: str | None = None
        self.delivery: str | None = None
        self.received: list[EmailMessage] = []
        self.to: list[str] = []
        self.encrypted: list[bool] = []
        self.logged_in: list[bool] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.recipient is not None:
            return self.recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.delivery is not None:
            return self.delivery
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.to += envelope.rcpt_tos
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        self.logged_in.append(bool(session.authenticated))
        return "250 OK"


def _knows(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, shown: Any
) -> AuthResult:
    known = LoginPassword(LOGIN.username.encode(), LOGIN.password.encode())
    return AuthResult(success=shown == known, handled=False)


@contextmanager
def mailroom(
    *, starttls: ssl.SSLContext | None = None, implicit: ssl.SSLContext | None = None
) -> Iterator[tuple[Mailroom, int]]:
    """The server and its port; an encrypted one takes nothing from who has not logged in."""
    room, port = Mailroom(), free_port()
    encrypted = starttls is not None or implicit is not None
    controller = Controller(
        room,
        hostname="127.0.0.1",
        port=port,
        ssl_context=implicit,
        tls_context=starttls,
        require_starttls=starttls is not None,
        auth_required=encrypted,
        # What came over implicit TLS is encrypted, which aiosmtpd does not count as such.
        auth_require_tls=implicit is None,
        authenticator=_knows if encrypted else None,
        server_hostname="mail.test",
    )
    controller.start()
    try:
        yield room, port
    finally:
        controller.stop()


class Certificate:
    """A certificate of 127.0.0.1 that nobody else signed, and contexts for both sides."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1") -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file = folder / "certificate.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private = folder / "key.pem"
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.served.load_cert_chain(self.file, private)

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.file)

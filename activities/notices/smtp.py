"""A mail server that takes messages over SMTP: encrypted, logged in to, and never waited on long.

Whatever is asked of it and not offered (TLS, a login) is refused: nothing is sent the open way
instead.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum

from workflows.domain.errors import Refused, ReleaseError, Unavailable

_SECONDS = 10.0
_PERMANENT = range(500, 600)
_SAID_AT_MOST = 200


class Tls(StrEnum):
    """How the connection is encrypted."""

    IMPLICIT = "implicit"
    """From the first byte, as at port 465."""
    STARTTLS = "starttls"
    """After the greeting, as at port 587; a server that does not offer it is given nothing."""
    NONE = "none"


@dataclass(frozen=True)
class MailLogin:
    """As whom a mail server is spoken to."""

    username: str
    password: str = field(repr=False)


class MailServer:
    """The server at *host* and *port*, which is given mail from the address *sender*.

    *login* is asked for at each message; without one nobody logs in. *trust* says which
    certificates are believed: those that the machine believes, where it is left out.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        tls: Tls = Tls.STARTTLS,
        login: Callable[[], MailLogin] | None = None,
        trust: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        """Each answer of the server is waited for at most *seconds*."""
        self.sender = sender
        self.place = f"{host}:{port}"
        self._host = host
        self._port = port
        self._tls = tls
        self._login = login
        self._trust = trust or ssl.create_default_context()
        self._seconds = seconds

    def deliver(self, message: EmailMessage, *, to: str) -> None:
        """Hand *message* over; the server has it once this returns.

        Raises:
            Refused: the server says that it never takes it (5xx), does not offer what the
                settings ask for, or shows a certificate that is not believed.
            Unavailable: no connection, no answer in time, or a "later" (4xx).
        """
        login = self._login() if self._login is not None else None
        with self._spoken_for(), self._connected() as server:
            if login is not None:
                server.login(login.username, login.password)
            server.send_message(message, from_addr=self.sender, to_addrs=[to])

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._greeted()
        try:
            if self._tls is Tls.STARTTLS:
                server.starttls(context=self._trust)
            yield server
            # It has the message already: a farewell that goes wrong must not send it twice.
            with suppress(OSError):
                server.quit()
        finally:
            server.close()

    def _greeted(self) -> smtplib.SMTP:
        if self._tls is Tls.IMPLICIT:
            return smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._seconds, context=self._trust
            )
        return smtplib.SMTP(self._host, self._port, timeout=self._seconds)

    @contextmanager
    def _spoken_for(self) -> Iterator[None]:
        """Tell errors in the release's words; none is chained, since it may hold a login."""
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            raise self._by_code(error.smtp_code, "the login was turned down") from None
        except smtplib.SMTPRecipientsRefused as error:
            ((code, said),) = error.recipients.values()
            raise self._by_code(code, _text(said)) from None
        except smtplib.SMTPResponseException as error:
            raise self._by_code(error.smtp_code, _text(error.smtp_error)) from None
        except smtplib.SMTPServerDisconnected as error:
            raise self._not_answering(f"did not answer: {_text(str(error))}") from None
        except smtplib.SMTPException as error:
            # What it does not offer: STARTTLS, AUTH, or a way of AUTH that we know.
            raise Refused(
                f"mail server {self.place} does not do what the settings ask: {_text(str(error))}"
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise Refused(
                f"mail server {self.place} shows a certificate that is not believed: "
                f"{error.verify_message}; name the authority as `ca_file` of [notices]"
            ) from None
        except OSError as error:
            raise self._not_answering(f"cannot be reached ({type(error).__name__})") from None

    def _by_code(self, code: int, said: str) -> ReleaseError:
        kind = Refused if code in _PERMANENT else Unavailable
        return kind(f"mail server {self.place} answered {code}: {said}")

    def _not_answering(self, what: str) -> Unavailable:
        return Unavailable(f"mail server {self.place} {what}")


def _text(said: bytes | str) -> str:
    """What a server said, as one short line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    printed = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printed.split())[:_SAID_AT_MOST]

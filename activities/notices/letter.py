"""One notice as a message of RFC 5322: whatever is put into it, it has these headers alone."""

import email.policy
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from workflows.domain.errors import Refused
from workflows.domain.people.addresses import is_address
from workflows.domain.values import digest_of
from workflows.ports.notices import SendNotice

_WE = "Lockgate"
_LONGEST_NAME = 100
_LONGEST_SUBJECT = 200


def letter(ask: SendNotice, *, to: str, sender: str, at: datetime) -> EmailMessage:
    """The message to the address *to*; its Message-ID is the same for the same key.

    Raises:
        Refused: *to* is no address; the message names it.
    """
    if not is_address(to):
        raise Refused(
            f"{to!r} is no e-mail address, so {ask.to} was not told; correct `email` of the "
            "Person in the catalog"
        )
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = Address(_WE, addr_spec=sender)
    message["To"] = Address(_line(ask.to)[:_LONGEST_NAME], addr_spec=to)
    message["Subject"] = _line(ask.subject)[:_LONGEST_SUBJECT]
    message["Date"] = at
    message["Message-ID"] = message_id(ask.key, sender)
    # RFC 3834: no absence notice answers this, so none comes back to nobody.
    message["Auto-Submitted"] = "auto-generated"
    # Quoted-printable passes servers that know neither 8 bits nor lines of any length.
    message.set_content(_lines(ask.text), cte="quoted-printable")
    return message


def message_id(key: str, sender: str) -> str:
    """What a server or a reader of mail knows a repeated notice by."""
    return f"<notice.{digest_of(key).removeprefix('sha256:')[:32]}@{sender.partition('@')[2]}>"


def _line(text: str) -> str:
    """*text* on one line, so that none of it begins another header."""
    return " ".join(_printed(text).split())


def _lines(text: str) -> str:
    return "\n".join(_printed(line).rstrip() for line in text.splitlines()) + "\n"


def _printed(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)

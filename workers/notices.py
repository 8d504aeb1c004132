"""The mail server that the settings name, and the login that it wants."""

import ssl
from collections.abc import Callable, Mapping

from activities.notices import MailLogin, MailServer, NoticesActivities, Tls
from infra.mail import NoticesSettings
from infra.settings import SettingsError
from workers.aws import KV
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.errors import Refused, TargetMissing


def notices_of(parts: Parts) -> tuple[NoticesActivities, tuple[Dependency, ...]]:
    """Who tells people, and what is needed for it.

    A mail server that does not answer is no reason to wait: whoever was not told is named so.

    Raises:
        SettingsError: the file of certificates cannot be read.
    """
    entry = parts.settings.notices
    if entry is None:
        return NoticesActivities(), ()
    server = MailServer(
        entry.host,
        entry.port,
        sender=entry.sender,
        tls=Tls(entry.tls),
        login=_login(parts, entry),
        trust=_trust(entry),
    )
    return NoticesActivities(server), (parts.vault_need,) if entry.credentials else ()


def _trust(entry: NoticesSettings) -> ssl.SSLContext | None:
    if entry.ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=entry.ca_file)
    except OSError as error:
        problem = f"notices.ca_file: {entry.ca_file}: no certificates can be read: {error}"
    raise SettingsError(problem)


def _login(parts: Parts, entry: NoticesSettings) -> Callable[[], MailLogin] | None:
    """What the mail server is shown; read from the vault anew now and then."""
    if entry.credentials is None:
        return None
    path = f"{KV}/{entry.credentials}"

    def shown(held: Mapping[str, str]) -> MailLogin:
        for field in ("username", "password"):
            if field not in held:
                raise TargetMissing(f"vault: {path} has no field `{field}`; write one")
            if not held[field].isascii():
                raise Refused(
                    f"vault: `{field}` of {path} is not ASCII, which is all that Python's SMTP "
                    "logs in with; choose another one"
                )
        return MailLogin(held["username"], held["password"])

    return Renewed(lambda: parts.vault.read_secret(path), shown)

import pytest
from pydantic import ValidationError

from infra.mail import NoticesSettings

WRITTEN = {"host": "mail.test", "sender": "lockgate@shop.test"}


def test_mail_is_encrypted_unless_somebody_says_otherwise():
    entry = NoticesSettings.model_validate(WRITTEN)

    assert (entry.port, entry.tls) == (587, "starttls")


@pytest.mark.parametrize(
    "change",
    [
        {"tls": "none", "credentials": "mail/lockgate"},
        {"tls": "ssl"},
        {"port": 0},
        {"sender": "Lockgate <lockgate@shop.test>"},
        {"sender": "lockgate@shop.test\nBcc: x"},
        {"password": "hunter2"},
    ],
)
def test_what_would_send_a_password_openly_or_is_a_slip_is_refused(change):
    with pytest.raises(ValidationError):
        NoticesSettings.model_validate(WRITTEN | change)

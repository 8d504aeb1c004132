import pytest
from pydantic import ValidationError

from infra.announced import AlertmanagerConnection, CalendarFeed


def test_a_feed_and_an_alert_manager_are_addresses_and_where_their_secret_is():
    feed = CalendarFeed.model_validate({"url": "https://vendor.test/c.ics"})
    manager = AlertmanagerConnection.model_validate(
        {"type": "alertmanager", "url": "http://127.0.0.1:1", "credentials": "alertmanager/x"}
    )

    assert feed.credentials is None
    assert manager.credentials == "alertmanager/x"


@pytest.mark.parametrize("written", [{}, {"url": "x", "token": "hunter2"}])
def test_a_key_that_is_missing_or_unknown_is_refused(written):
    with pytest.raises(ValidationError):
        CalendarFeed.model_validate(written)

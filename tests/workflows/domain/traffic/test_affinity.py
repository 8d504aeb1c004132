from datetime import timedelta

import pytest
from pydantic import ValidationError

from workflows.domain.traffic.affinity import Affinity


@pytest.mark.parametrize(
    ("affinity", "sentence"),
    [
        (Affinity(by="header", name="x-session-id"), "sessions kept by header x-session-id"),
        (Affinity(by="cookie", name="session"), "sessions kept by cookie session"),
        (
            Affinity(by="router", lasts=timedelta(hours=1)),
            "sessions kept by the router's cookie for 1:00:00",
        ),
    ],
)
def test_it_says_what_a_session_is_known_by(affinity, sentence):
    assert str(affinity) == sentence
    assert Affinity.model_validate_json(affinity.model_dump_json()) == affinity


@pytest.mark.parametrize(
    "fields",
    [
        {"by": "header"},
        {"by": "cookie", "name": "session", "lasts": timedelta(hours=1)},
        {"by": "router"},
        {"by": "router", "name": "session", "lasts": timedelta(hours=1)},
    ],
    ids=str,
)
def test_a_name_is_for_what_is_hashed_and_a_time_for_the_router_s_own_cookie(fields):
    with pytest.raises(ValidationError, match="needs"):
        Affinity(**fields)

import httpx
import pytest

from activities.http import plain, spoken_for
from workflows.domain.errors import Refused, TargetMissing, Unavailable

SECRET = "hunter2"
ADDRESS = f"http://ana:{SECRET}@metrics.test:9090/stats?token={SECRET}"


def fetch(answer):
    with (
        spoken_for("the mail gateway"),
        httpx.Client(transport=httpx.MockTransport(answer)) as client,
    ):
        return client.get(ADDRESS).raise_for_status()


def raising(error):
    def answer(request):
        raise error

    return answer


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, Unavailable),
        (503, Unavailable),
        (408, Unavailable),
        (429, Unavailable),
        (404, TargetMissing),
        (400, Refused),
        (401, Refused),
        (302, Refused),
    ],
)
def test_an_answer_is_sorted_by_whether_asking_again_may_help(status, kind):
    with pytest.raises(Refused if kind is not Unavailable else Unavailable) as caught:
        fetch(lambda request: httpx.Response(status, text=SECRET))

    assert type(caught.value) is kind
    assert "the mail gateway" in str(caught.value)
    assert f"answered {status}" in str(caught.value)
    assert "GET http://metrics.test:9090/stats" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable),
        (httpx.RemoteProtocolError("cut off"), Unavailable),
        (httpx.UnsupportedProtocol("gopher"), Refused),
        (httpx.TooManyRedirects("round and round"), Refused),
        (httpx.InvalidURL("no port"), Refused),
    ],
)
def test_no_answer_is_sorted_by_whether_asking_again_may_help(error, kind):
    with pytest.raises(kind, match="the mail gateway"):
        fetch(raising(error))


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: httpx.Response(500, text=SECRET),
        raising(httpx.ConnectError(f"to {ADDRESS}")),
    ],
)
def test_no_secret_of_the_address_is_told(answer):
    with pytest.raises(Unavailable) as caught:
        fetch(answer)

    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def test_success_passes_through():
    assert fetch(lambda request: httpx.Response(200, text="fine")).text == "fine"


def test_an_address_is_shown_without_what_may_be_secret():
    assert plain(httpx.URL(f"{ADDRESS}#x")) == "http://metrics.test:9090/stats"

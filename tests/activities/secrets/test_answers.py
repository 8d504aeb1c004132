"""The vault's answers as HTTP, through hvac and requests, in the words of a release."""

import json
import traceback

import hvac
import pytest
import requests

from activities.secrets.answers import answered
from workflows.domain.errors import Refused, TargetMissing, Unavailable

TOKEN = "canary-of-the-token"
PATH = "database/creds/shop-read"


class Wire(requests.adapters.BaseAdapter):
    """Answers every request with one status and body, or fails as told."""

    def __init__(self, status=200, body="", *, failure=None):
        super().__init__()
        self.status, self.body, self.failure = status, body, failure

    def send(self, request, **_):
        if self.failure:
            raise self.failure
        response = requests.Response()
        response.status_code, response.request, response.url = self.status, request, request.url
        response.headers["Content-Type"] = "application/json"
        response._content = self.body.encode()
        return response

    def close(self):
        """Nothing is open."""


def ask(wire):
    with requests.Session() as session:
        session.mount("http://", wire)
        client = hvac.Client(url="http://vault.test", token=TOKEN, session=session)
        return answered(PATH, lambda: client.read(PATH))


def saying(*errors):
    return json.dumps({"errors": errors})


def test_an_answer_is_passed_on_as_it_is():
    assert ask(Wire(body='{"data": {"username": "v-app"}}')) == {"data": {"username": "v-app"}}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Refused),
        (403, Refused),
        (412, Unavailable),
        (429, Unavailable),
        (472, Unavailable),
        (473, Unavailable),
        (500, Unavailable),
        (501, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
    ],
)
def test_a_status_says_whether_to_ask_again(status, kind):
    with pytest.raises(kind, match=f"vault: {PATH}: in its own words") as problem:
        ask(Wire(status, saying("in its own words")))

    assert type(problem.value) is kind


def test_a_path_that_the_vault_knows_nothing_of_is_missing():
    def read():
        raise hvac.exceptions.InvalidPath(errors=["no handler for route"])

    with pytest.raises(TargetMissing, match=f"vault: {PATH}: there is nothing"):
        answered(PATH, read)


def test_several_errors_on_several_lines_become_one_line():
    """What a database says is quoted by the vault, with its line breaks."""
    with pytest.raises(Refused) as refusal:
        ask(Wire(400, saying("1 error occurred:\n\t* unknown role: x\n\n", "and more")))

    assert str(refusal.value) == (f"vault: {PATH}: 1 error occurred: * unknown role: x and more")


def test_an_error_without_words_is_told_by_its_name():
    with pytest.raises(Unavailable, match=f"vault: {PATH}: VaultDown$"):
        ask(Wire(503, "{}"))


@pytest.mark.parametrize(
    "failure",
    [
        requests.ConnectionError(f"refused, with {TOKEN}"),
        requests.Timeout(f"slow, with {TOKEN}"),
        requests.TooManyRedirects(f"round, with {TOKEN}"),
    ],
)
def test_no_answer_is_told_without_the_request_that_holds_the_token(failure):
    with pytest.raises(Unavailable, match=f"no answer: {type(failure).__name__}$") as absence:
        ask(Wire(failure=failure))

    assert TOKEN not in "".join(traceback.format_exception(absence.value))
    assert absence.value.__context__ is None


def test_a_bug_is_no_answer_of_the_vault():
    with pytest.raises(KeyError):
        answered(PATH, lambda: {}["data"])

import httpx
import pytest

from starters.failures import CommandFailed
from starters.identity.loopback import listening


def test_what_a_browser_brings_is_handed_over_and_never_printed(capfd):
    with listening() as answers:
        page = httpx.get(answers.redirect, params={"code": "c0de", "state": "st"}, trust_env=False)

        assert answers.next(5) == {"code": "c0de", "state": "st"}
    assert page.status_code == 200
    assert "c0de" not in page.text + "".join(capfd.readouterr())
    assert page.headers["referrer-policy"] == "no-referrer"


def test_another_page_is_not_there_and_is_no_answer():
    with listening() as answers:
        base = answers.redirect.removesuffix("/callback")
        assert httpx.get(f"{base}/favicon.ico", trust_env=False).status_code == 404

        with pytest.raises(CommandFailed, match="nobody signed in within 0 s"):
            answers.next(0.01)


def test_it_listens_on_this_machine_alone_and_only_while_it_waits():
    with listening() as answers:
        assert answers.redirect.startswith("http://127.0.0.1:")
    with pytest.raises(httpx.ConnectError):
        httpx.get(answers.redirect, trust_env=False)

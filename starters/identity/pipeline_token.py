"""The token by which a pipeline says who began it, as GitLab and GitHub hand it to a job."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx

from infra.issuers import reachable
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers

TOKEN = "LOCKGATE_ID_TOKEN"  # noqa: S105 - the name of a variable
AUDIENCE = "LOCKGATE_ID_AUDIENCE"
_GITHUB_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
_GITHUB_KEY = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
_SECONDS = 10.0


def pipeline_token(
    environment: Mapping[str, str], client: httpx.Client | None = None
) -> str | None:
    """The pipeline's own token; None where this is no pipeline that has one.

    Raises:
        CommandFailed: GitHub offers one, and does not give it.
        NobodyAnswers: it does not answer.
    """
    if given := environment.get(TOKEN):
        return given.strip()
    address, key = environment.get(_GITHUB_URL), environment.get(_GITHUB_KEY)
    if not address or not key:
        return None
    audience = environment.get(AUDIENCE) or "lockgate"
    with client or httpx.Client(timeout=_SECONDS, follow_redirects=False) as asking:
        return _from_github(asking, address, key, audience)


def _from_github(client: httpx.Client, address: str, key: str, audience: str) -> str:
    try:
        url = httpx.URL(reachable(address)).copy_merge_params({"audience": audience})
        answer = client.get(url, headers={"Authorization": f"Bearer {key}"})
    except ValueError as error:
        raise CommandFailed(f"{_GITHUB_URL}: expected {error}", ExitCode.USAGE) from None
    except httpx.HTTPError as error:
        raise NobodyAnswers(
            f"{_GITHUB_URL}: the pipeline's identity is not told ({type(error).__name__})"
        ) from None
    token = answer.json().get("value") if answer.status_code == HTTPStatus.OK else None
    if not isinstance(token, str):
        raise CommandFailed(
            f"{_GITHUB_URL}: it answered {answer.status_code} and no token; does the job have the "
            "permission `id-token: write`?",
            ExitCode.ERROR,
        )
    return token

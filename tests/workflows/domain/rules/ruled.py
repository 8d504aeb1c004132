"""Orders whose policy brings rules, and the facts that they are ruled by."""

from datetime import UTC, datetime

from infra.rego.process import RegoProcess
from tests.builders import a_catalog, a_release, an_order
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILE = "rules/prod.rego"


def a_ruled_catalog(text, *, file=FILE, severity="deny", carried=True, **catalog):
    found = a_catalog(gated=True, **catalog)
    guarded = found["policies"]["guarded"]
    guarded["rules"] = {"files": [file], "package": "lockgate", "severity": severity}
    return {**found, "files": {file: f"package lockgate\n\n{text}\n"} if carried else {}}


def a_ruled_order(text, *, environments=("staging", "production"), name="shop", **given):
    release = a_release(environments=environments, name=name)
    return an_order(release, a_ruled_catalog(text, **given))


def ruled(text, *, engine=None, at=NOON, **given):
    """The admission of an order whose production is guarded by *text*."""
    return admit(a_ruled_order(text, **given), Facts(at=at), engine or RegoProcess())


class Silent:
    """An engine that never answers as it should."""

    def __init__(self, said):
        self.said = said

    def answer(self, question):
        del question
        return self.said

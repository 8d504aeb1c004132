"""Each promise is in tests/contract/test_decision_log.py; here is what a worker says of it."""

from structlog.testing import capture_logs

from activities.decision_log import DecisionLogActivities
from activities.ledger import open_ledger
from tests.workflows.domain.admission.test_recorded import a_decision
from workflows.ports.decision_log import RecordDecision


def test_what_is_kept_is_logged_by_its_address_alone(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    decision = a_decision()

    with capture_logs() as logs:
        DecisionLogActivities(ledger).record_decision(RecordDecision(decision=decision))

    ledger.dispose()
    (line,) = logs
    assert (line["digest"], line["verdict"]) == (decision.digest, "admitted")
    assert set(line) == {"event", "log_level", "digest", "verdict"}

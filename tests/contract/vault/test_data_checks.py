"""Data checks with logins leased from a real OpenBao, on a real PostgreSQL."""

import logging
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from activities.databases import DATABASES, DatabasesActivities
from activities.databases.postgres import Postgres
from tests.contract.vault.conftest import CANARY
from tests.loopback import eventually
from workflows.domain.errors import DataInconsistent, Refused, TargetMissing, Unavailable
from workflows.domain.release.plan import DataRule
from workflows.domain.values import Provider, Target
from workflows.ports.databases import CheckData
from workflows.ports.secrets import RevokeLeases

RELEASE = "release/shop/abc"


def revoke(cleaner):
    return cleaner.revoke_leases(RevokeLeases(release=RELEASE)).count


def a_check(*queries, expect=0):
    rules = tuple(
        DataRule(name=f"rule-{number}", query=query, expect=expect)
        for number, query in enumerate(queries, start=1)
    )
    database = Provider(type="postgresql", connection="shop")
    target = Target(service="checkout", environment="production")
    return CheckData(target=target, database=database, rules=rules, release=RELEASE)


def run(checks, ask):
    return ActivityEnvironment().run(checks.check_data, ask)


def test_a_check_reports_what_every_rule_found(checks, leased, book):
    report = run(checks, a_check("SELECT count(*) FROM orders WHERE cents < 0", "SELECT 0"))

    assert [(finding.name, finding.found) for finding in report.findings] == [
        ("rule-1", 0),
        ("rule-2", 0),
    ]
    assert leased() == []
    assert book.open_leases(RELEASE) == ()


def test_a_sum_that_postgres_answers_as_numeric_is_a_whole_number(checks):
    report = run(checks, a_check("SELECT sum(cents) FROM orders", expect=700))

    assert report.findings[0].found == 700


def test_inconsistent_data_names_every_check_with_expected_and_found(checks, leased):
    with pytest.raises(DataInconsistent) as found:
        run(checks, a_check("SELECT count(*) FROM orders", "SELECT 0", "SELECT 5"))

    assert str(found.value) == (
        "data of checkout@production: 'rule-1' expected 0, found 2; 'rule-3' expected 0, found 5"
    )
    assert leased() == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 WHERE false", "found no rows"),
        ("SELECT id FROM orders", "found several rows"),
        ("SELECT 1, 2", "found 2 columns"),
        ("SELECT 'x'", "found a str"),
        ("SELECT true", "found a bool"),
        ("SELECT 0.5", "found a Decimal"),
        ("SELECT 'NaN'::numeric", "found a Decimal"),
        ("SELECT sum(cents) FROM orders WHERE false", "found NULL"),
        ("SET work_mem = '1MB'", "found no result"),
        ("COMMIT", "found no result"),
        ("", "found no result"),
        ("SELEC 1", 'SyntaxError: syntax error at or near "SELEC"'),
        ("SELECT 1 FROM nosuch", 'UndefinedTable: relation "nosuch" does not exist'),
        ("SELECT 0; DELETE FROM orders", "cannot insert multiple commands"),
        ("SELECT 1/0", "DivisionByZero; correct its query"),
        ("SELECT id FROM orders WHERE 100 % 7 = 1", "found no rows"),
        ("DELETE FROM orders RETURNING 0", "ReadOnlySqlTransaction"),
    ],
)
def test_a_query_that_is_not_one_number_is_refused_by_name(checks, leased, query, said):
    with pytest.raises(Refused, match="data check 'rule-1'") as refusal:
        run(checks, a_check(query))

    assert said in str(refusal.value)
    assert leased() == []


def test_a_row_that_cannot_be_converted_is_not_quoted(checks):
    with pytest.raises(Refused) as refusal:
        run(checks, a_check("SELECT (repeat('ab', 3) || id)::int FROM orders LIMIT 1"))

    assert "ababab" not in "".join(traceback.format_exception(refusal.value))


def test_unknown_types_and_connections_name_the_known_ones(checks):
    ask = a_check("SELECT 0")
    for provider, said in {
        ("mysql", "shop"): "known are postgresql",
        ("postgresql", "stock"): "known are shop",
    }.items():
        named = Provider(type=provider[0], connection=provider[1])
        with pytest.raises(TargetMissing, match=said):
            run(checks, ask.model_copy(update={"database": named}))


def test_a_query_that_takes_too_long_is_unavailable(shop, leases, leased):
    kinds = {"postgresql": lambda place: Postgres(place, patience=timedelta(milliseconds=50))}
    impatient = DatabasesActivities({"shop": shop}, leases, kinds=kinds)

    with pytest.raises(Unavailable, match=r"did not answer within 0:00:00\.05"):
        run(impatient, a_check("SELECT count(*) FROM pg_sleep(60)"))

    assert leased() == []


def test_a_cancelled_check_interrupts_its_query_and_revokes_its_login(
    checks, leased, querying, book
):
    environment = ActivityEnvironment()
    beats = []

    def cancel_while_it_runs(*_):
        beats.append(1)
        if querying():
            environment.cancel()

    environment.on_heartbeat = cancel_while_it_runs
    with pytest.raises(CancelledError):
        environment.run(checks.check_data, a_check("SELECT count(*) FROM pg_sleep(60)"))

    assert len(beats) > 1
    assert leased() == []
    assert book.open_leases(RELEASE) == ()


def test_a_check_whose_login_is_lost_ends_as_unavailable(
    checks, cleaner, *, leased, querying, now
):
    environment = ActivityEnvironment()

    def lose_the_login(*_):
        if querying() and revoke(cleaner):
            now[0] = 30

    environment.on_heartbeat = lose_the_login
    with pytest.raises(Unavailable):
        environment.run(checks.check_data, a_check("SELECT count(*) FROM pg_sleep(60)"))

    eventually(lambda: leased() == [], "the login to be dropped")


def test_a_database_that_is_away_is_unavailable(shop, leases, leased):
    elsewhere = replace(shop, port=1)
    checks = DatabasesActivities({"shop": elsewhere}, leases, kinds=DATABASES)

    with pytest.raises(Unavailable, match=r"postgresql 127\.0\.0\.1:1/"):
        run(checks, a_check("SELECT 0"))

    assert leased() == []


def test_a_sealed_vault_is_unavailable(bao, checks):
    bao.root.sys.seal()

    with pytest.raises(Unavailable, match="sealed"):
        run(checks, a_check("SELECT 0"))


def test_no_credential_is_in_a_log_an_exception_or_a_repr(
    bao, checks, *, leases, vault, approle, caplog
):
    """Also not with the vault failing in the middle, and with the libraries' debug logs."""
    caplog.set_level(logging.DEBUG)
    seen = []
    with structlog.testing.capture_logs() as logged:
        with leases.lease_credentials("shop-read", RELEASE) as login:
            secrets = [login.password, (approle / "secret-id").read_text().strip(), CANARY]
            secrets += [login._child.client.token, vault._session._client.token]
            seen += [repr(login), repr(login._child), repr(vault), str(leases)]
        for query in ("SELECT 5", "SELEC", "SELECT 1/0"):
            with pytest.raises(Refused) as refusal:
                run(checks, a_check(query))
            seen += traceback.format_exception(refusal.value)
            assert refusal.value.__cause__ is None
        bao.root.sys.seal()
        with pytest.raises(Unavailable) as absence:
            run(checks, a_check("SELECT 0"))
        seen += traceback.format_exception(absence.value)
        assert absence.value.__context__ is None

    told = "\n".join([*seen, str(logged), caplog.text])
    assert "lease_closed" in told
    assert [secret for secret in secrets if secret in told] == []

"""What the checks ask of a database is what settings, leases and PostgreSQL really offer."""

import inspect

import pytest

from activities.databases import DATABASES
from activities.databases.place import Database, Login, LoginLeases, Place, Session
from activities.databases.postgres import Postgres, PostgresSession
from activities.secrets.leases import Lease, Leases
from infra.settings import PostgresDatabase


def asked_of(protocol):
    return {name: member for name, member in vars(protocol).items() if not name.startswith("_")}


@pytest.mark.parametrize(
    ("protocol", "real"),
    [(LoginLeases, Leases), (Session, PostgresSession), (Database, Postgres)],
)
def test_each_method_is_there_with_the_parameters_it_is_called_with(protocol, real):
    for name, method in asked_of(protocol).items():
        expected = list(inspect.signature(method).parameters)

        assert list(inspect.signature(getattr(real, name)).parameters) == expected


def test_a_connection_of_the_settings_is_a_place():
    assert asked_of(Place).keys() == PostgresDatabase.model_fields.keys()


def test_a_place_has_no_password_so_that_only_a_lease_can_log_in():
    assert not {"password", "username", "user"} & asked_of(Place).keys()


def test_a_lease_is_a_login():
    granted = {"username": "v-app", "password": "leased"}
    lease = Lease(
        "shop-read",
        {"data": granted, "lease_id": "id", "lease_duration": 60},
        child=type("Child", (), {"seconds": 60})(),
        keep_alive=lambda: None,
        clock=lambda: 0.0,
    )

    assert asked_of(Login).keys() == {"username", "password", "renew"}
    assert all(hasattr(lease, name) for name in asked_of(Login))


def test_every_kind_of_database_is_made_of_a_place_alone():
    place = PostgresDatabase(
        type="postgresql", host="db.test", port=5432, name="shop", vault_role="shop-read"
    )

    made = {kind: factory(place) for kind, factory in DATABASES.items()}

    assert str(made["postgresql"]) == "postgresql db.test:5432/shop"

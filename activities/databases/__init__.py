"""Looking into databases with logins that live as long as the look."""

from activities.databases.activities import DatabasesActivities
from activities.databases.place import Database, DatabaseFactory, Login, LoginLeases, Place
from activities.databases.postgres import Postgres

DATABASES: dict[str, DatabaseFactory] = {"postgresql": Postgres}
"""Every kind of database that a catalog may name."""

__all__ = [
    "DATABASES",
    "Database",
    "DatabasesActivities",
    "Login",
    "LoginLeases",
    "Place",
    "Postgres",
]

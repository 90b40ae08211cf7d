"""Databases of the bench: each measurement starts from a fresh copy of the same loaded city."""

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg2 import sql

NAME = "liren_bench"
REDIS_DATABASE = 9  # its own queue: no other worker takes what the bench hands out
MONTH = "2026-10"


def environment() -> dict[str, str]:
    """The environment of a process that works on the bench's own database and queue."""
    redis = urlsplit(settings.REDIS_URL)._replace(path=f"/{REDIS_DATABASE}")
    return {**os.environ, "DATABASE_URL": url(NAME), "REDIS_URL": redis.geturl(), "LOG_LEVEL": "WARNING"}


def url(database: str) -> str:
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{database}").geturl()


def load_city(template: str, communities: int | None) -> None:
    """Make the template: this database, migrated, with one month of the city."""
    create(NAME)
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("load_city", months=1, until=MONTH, communities=communities, verbosity=0)
    vacuum()
    create(template, like=NAME)


def vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def fresh(template: str) -> None:
    """Give the bench's database the contents of a template, written out: no commit waits for the copy."""
    create(NAME, like=template)
    os.sync()


def create(name: str, like: str = "template0") -> None:
    connection.close()
    new, old = sql.Identifier(name), sql.Identifier(like)
    _at_server(
        [
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new),
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(new, old),
        ]
    )


def drop(*names: str) -> None:
    connection.close()
    _at_server([sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(n)) for n in names])


def _at_server(statements: Sequence[sql.Composed]) -> None:
    server = psycopg2.connect(url("postgres"))
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        server.close()

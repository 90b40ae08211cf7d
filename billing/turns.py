"""Whose turn it is to close a community: first come, first served, before anything is read.

A snapshot taken while somebody else works on the same months is out of date when they end; whoever
waits first and reads then need not start over. The lock is the session's: it ends with the connection.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection

CLOSING = 0x636C6F73  # the class of these locks among all advisory ones
LOCK = "SELECT count(pg_advisory_lock(%s, hashtext(code))) FROM unnest(%s) AS codes (code)"
UNLOCK = "SELECT count(pg_advisory_unlock(%s, hashtext(code))) FROM unnest(%s) AS codes (code)"


@contextmanager
def turn(codes: Sequence[str]) -> Iterator[None]:
    """Wait until nobody else closes one of these communities; within a transaction, do not wait."""
    if connection.in_atomic_block:
        yield
        return
    key: list[Any] = [CLOSING, sorted(codes)]
    _ask(LOCK, key)
    try:
        yield
    finally:
        try:
            _ask(UNLOCK, key)
        except DatabaseError:
            connection.close()  # what the session held goes with it


def _ask(query: str, key: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, key)

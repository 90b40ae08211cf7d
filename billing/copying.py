"""Write many rows with COPY: text rows made by the caller, one statement a table."""

import io
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from typing import Any

from django.db import connection

NULL = "\\N"
# Seconds; at the usual 0.005 the sending thread waits longer for its turns than for PostgreSQL.
SWITCH = 1 / 10_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# The encoder's own C part, made once: `JSONEncoder.encode` makes another one for every value.
_json = c_make_encoder(None, None, encode_basestring, None, ":", ",", False, False, False)


def escaped(value: str) -> str:
    """Return a text as a cell of COPY's text format."""
    return value.translate(_ESCAPES)


def json_cell(value: Any) -> str:
    """Return data as a JSON cell, with no space wasted."""
    return "".join(_json(value, 0)).replace("\\", "\\\\")  # JSON has no other character to escape


def copy(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write rows, each a text line of tab-separated cells in the order of the columns."""
    body = "\n".join(lines)
    if not body:
        return
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    if _here.sender is not None:
        _here.sender.send(statement, body)
    else:
        with connection.cursor() as cursor:
            cursor.copy_expert(statement, io.StringIO(body + "\n"))


class _Here(threading.local):
    sender: "_Sender | None" = None


_here = _Here()


@contextmanager
def behind() -> Iterator[None]:
    """Within the block COPY runs in another thread, while the caller makes the next rows.

    Rows arrive in order. A query of the caller waits for them, and so does the end of the block.
    """
    interval = sys.getswitchinterval()
    with ThreadPoolExecutor(1, "copy") as thread:
        _here.sender = sender = _Sender(thread)
        sys.setswitchinterval(SWITCH)
        try:
            with connection.execute_wrapper(sender.after_all):
                yield
                sender.settle()
        finally:
            sys.setswitchinterval(interval)
            _here.sender = None


class _Sender:
    """What is on its way to PostgreSQL on the caller's connection, which only one thread may use at a time."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._sent: list[Future[None]] = []

    def send(self, statement: str, body: str) -> None:
        cursor = connection.connection.cursor()
        self._sent.append(self._thread.submit(_send, cursor, statement, body))

    def settle(self) -> None:
        """Wait until everything has arrived; the first error is raised as Django's own."""
        sent, self._sent = self._sent, []
        with connection.wrap_database_errors:
            for future in sent:
                future.result()

    def after_all(self, execute: Callable[..., Any], *query: Any) -> Any:
        self.settle()
        return execute(*query)


def _send(cursor: Any, statement: str, body: str) -> None:
    # In one piece: for each further one this thread would wait for its turn beside the caller's.
    with cursor:
        cursor.copy_expert(statement, io.StringIO(body + "\n"), size=len(body) + 1)


def reserve_keys(table: str, count: int) -> list[int]:
    """Take that many primary keys from a table's sequence, for rows that others will refer to."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(keys.name) FROM generate_series(1, %s),"
            " (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name OFFSET 0) keys",
            [count, table],
        )
        return [key for (key,) in cursor.fetchall()]


class Keys:
    """Primary keys taken ahead, so that no query stands between one step's rows and the next's."""

    def __init__(self, table: str, expected: int) -> None:
        self._table = table
        self._keys = deque(reserve_keys(table, expected))

    def take(self, count: int) -> list[int]:
        """Return that many, rising; more are fetched where the expectation was too low."""
        if len(self._keys) < count:
            self._keys.extend(reserve_keys(self._table, count - len(self._keys)))
        return [self._keys.popleft() for _key in range(count)]

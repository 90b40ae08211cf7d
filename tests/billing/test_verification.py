"""Books that somebody changed behind the triggers' back are told, row by row."""

import pytest
from django.core.management import call_command
from django.db import connection

from billing import closing
from tests.billing.worlds import OCTOBER, SEPTEMBER, faults, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    one = world()
    for month in (SEPTEMBER, OCTOBER):
        closing.close_batch(month, [one.code])
    assert faults() == []
    return one


def tamper(sql):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")


FIRST_ENTRY = "(SELECT min(id) FROM billing_entry)"
FIRST_CLOSE = "(SELECT min(id) FROM billing_monthclose)"
TAMPERINGS = [
    (f"DELETE FROM billing_line WHERE entry_id = {FIRST_ENTRY}", "entries"),
    (f"UPDATE billing_line SET amount = amount * 2 WHERE entry_id = {FIRST_ENTRY}", "funds"),
    ("UPDATE billing_communitymonth SET opening = opening + 1 WHERE month = '2026-10'", "continuity"),
    ("UPDATE billing_accountmonth SET debit = debit + 1", "accounts"),
    ("DELETE FROM billing_accountmonth WHERE month = '2026-10' AND debit + credit = 0", "accounts"),
    ("UPDATE billing_share SET gross = gross + 1, amount = amount + 1", "figures"),
    ("UPDATE billing_regionmonth SET bill_out = bill_out + 1", "roll-ups"),
    ("DELETE FROM billing_regionmonth", "roll-ups"),
    ("UPDATE billing_share SET flags = 'estimated'", "digests"),
    (f"UPDATE billing_monthclose SET digest = repeat('a', 64) WHERE id = {FIRST_CLOSE}", "digests"),
]


@pytest.mark.parametrize(("sql", "check"), TAMPERINGS)
def test_tampering_is_found_and_told_with_its_row(here, capsys, sql, check):
    tamper(sql)

    with pytest.raises(SystemExit) as left:
        call_command("verify_ledger")

    assert left.value.code == 1
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    told = [(where, text) for name, where, text in rows if name == check]
    assert told
    for where, text in told:
        assert SEPTEMBER in where or OCTOBER in where
        before, _, after = text.partition(" ≠ ")
        assert before != after

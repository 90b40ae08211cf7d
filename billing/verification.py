"""Check the books: every sum again, from the rows themselves; nothing is trusted that was stored."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from billing import digest
from billing.export_rows import FILES, line
from billing.exports import rows
from billing.models import CloseState, MonthClose
from billing.rollups import differences
from portal.months import Month


class Fault(NamedTuple):
    """One row that is not as it must be."""

    check: str
    where: str
    text: str


BALANCED = """
    SELECT c.community_id || ' ' || c.month || ' #' || e.number, coalesce(sum(l.amount)::text, '∅') || ' ≠ 0.00'
    FROM billing_entry e JOIN billing_monthclose c ON c.id = e.close_id
    LEFT JOIN billing_line l ON l.entry_id = e.id
    GROUP BY c.community_id, c.month, e.number HAVING coalesce(sum(l.amount), 1) <> 0
"""

# A fund's balance in the ledger (a credit) against the closing that the month shows.
FUNDS_AS_SHOWN = """
    WITH shown AS (
        SELECT m.community_id, m.month, f.fund, f.closing FROM billing_communitymonth m
        JOIN billing_monthclose c ON c.id = m.close_id AND c.state = 'posted'
        CROSS JOIN LATERAL (VALUES ('utility', m.closing), ('welfare', m.welfare_closing),
            ('service', m.service_closing), ('grant', m.grant_closing), ('donation', m.donation_closing),
            ('deposit', m.deposit_closing), ('property', m.property_closing)) AS f (fund, closing)
    ), moved AS (
        SELECT a.community_id, a.name AS fund, c.month, -sum(l.amount) AS amount
        FROM billing_line l JOIN billing_account a ON a.id = l.account_id AND a.kind = 'fund'
        JOIN billing_entry e ON e.id = l.entry_id JOIN billing_monthclose c ON c.id = e.close_id
        GROUP BY a.community_id, a.name, c.month
    ), totals AS (
        SELECT s.community_id, s.month, s.fund, s.closing,
            sum(coalesce(m.amount, 0)) OVER (PARTITION BY s.community_id, s.fund ORDER BY s.month) AS ledger
        FROM shown s LEFT JOIN moved m USING (community_id, month, fund)
    )
    SELECT community_id || ' ' || month || ' ' || fund, ledger || ' ≠ ' || closing FROM totals
    WHERE ledger <> closing
"""

CONTINUOUS = """
    SELECT community_id || ' ' || month, before || ' ≠ ' || opening FROM (
        SELECT m.community_id, m.month, m.opening,
            lag(m.closing) OVER (PARTITION BY m.community_id ORDER BY m.month) AS before
        FROM billing_communitymonth m JOIN billing_monthclose c ON c.id = m.close_id AND c.state = 'posted'
    ) months WHERE before IS NOT NULL AND before <> opening
"""

ACCOUNTS_AS_LEDGER = """
    WITH followed AS (
        SELECT community_id, month, lead(month) OVER (PARTITION BY community_id ORDER BY month) AS next
        FROM billing_monthclose WHERE state = 'posted'
    ), moves AS (
        SELECT l.account_id, c.month, l.amount
        FROM billing_line l JOIN billing_entry e ON e.id = l.entry_id JOIN billing_monthclose c ON c.id = e.close_id
        UNION ALL  -- an account has a row in every month from its first on, moved or not
        SELECT s.account_id, f.next, 0 FROM billing_accountmonth s JOIN billing_account a ON a.id = s.account_id
        JOIN followed f ON f.community_id = a.community_id AND f.month = s.month AND f.next IS NOT NULL
    ), moved AS (
        SELECT account_id, month, sum(greatest(amount, 0)) AS debit, sum(greatest(-amount, 0)) AS credit
        FROM moves GROUP BY account_id, month
    ), totals AS (
        SELECT coalesce(m.account_id, s.account_id) AS account_id, coalesce(m.month, s.month) AS month,
            coalesce(m.debit, 0) AS debit, coalesce(m.credit, 0) AS credit, s.debit AS s_debit,
            s.credit AS s_credit, s.balance, sum(coalesce(m.debit, 0) - coalesce(m.credit, 0)) OVER
            (PARTITION BY coalesce(m.account_id, s.account_id) ORDER BY coalesce(m.month, s.month)) AS total
        FROM moved m FULL JOIN billing_accountmonth s ON s.account_id = m.account_id AND s.month = m.month
    )
    SELECT concat_ws(' ', a.community_id, t.month, a.kind, NULLIF(a.name, ''), p.ref),
        concat_ws(' / ', debit, credit, total) || ' ≠ ' || coalesce(NULLIF(concat_ws(' / ', s_debit, s_credit, balance), ''), '∅')
    FROM totals t JOIN billing_account a ON a.id = t.account_id LEFT JOIN services_provider p ON p.id = a.provider_id
    WHERE balance IS DISTINCT FROM total OR debit <> s_debit OR credit <> s_credit
"""

# The parts of the utility fund's month against the rows they are made of.
PARTS_AS_ROWS = """
    SELECT m.community_id || ' ' || m.month, concat_ws(' / ', r.rebate, s.shared + h.charged, s.billed)
        || ' ≠ ' || concat_ws(' / ', m.rebate_in, m.recovered_in, m.bill_out) FROM billing_communitymonth m
    JOIN billing_monthclose c ON c.id = m.close_id AND c.state = 'posted'
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(r.amount - r.welfare_amount), 0) AS rebate FROM billing_rebate r WHERE r.close_id = c.id
    ) r ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(s.amount) FILTER (WHERE s.agreement_id IS NOT NULL), 0) AS shared,
            coalesce(sum(s.gross), 0) AS billed
        FROM billing_share s JOIN billing_billsharing b ON b.id = s.sharing_id WHERE b.close_id = c.id
    ) s ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(h.amount), 0) AS charged FROM billing_charge h
        WHERE h.close_id = c.id AND h.fund = 'utility'
    ) h ON true
    WHERE m.rebate_in <> r.rebate OR m.recovered_in <> s.shared + h.charged OR m.bill_out <> s.billed
"""

CHECKS = {
    "entries": BALANCED,
    "funds": FUNDS_AS_SHOWN,
    "continuity": CONTINUOUS,
    "accounts": ACCOUNTS_AS_LEDGER,
    "figures": PARTS_AS_ROWS,
}


def verify_ledger() -> list[Fault]:
    """Return every row that breaks the books; none means they are right."""
    faults = [fault for check, sql in CHECKS.items() for fault in _query(check, sql)]
    return [*faults, *roll_up_faults(), *_digest_faults()]


def _query(check: str, sql: str, parameters: Any = None) -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        for where, text in cursor.fetchall():
            yield Fault(check, where, str(text))


def roll_up_faults() -> list[Fault]:
    """Return region months that are not the sum of their communities' posted months."""
    return [Fault("roll-ups", *found) for found in differences()]


def community_faults() -> list[Fault]:
    """Return posted months of communities whose figures are not what the ledger and their rows add up to."""
    return [fault for check in ("funds", "continuity", "figures") for fault in _query(check, CHECKS[check])]


def _digest_faults() -> Iterator[Fault]:
    """Digests computed again from the exported rows, month by month; a break shows in its first month."""
    digests: dict[tuple[str, str], str] = {}
    closes = MonthClose.objects.posted().order_by("month").values_list("month", "community_id", "digest")
    for month, found in groupby(closes, key=lambda close: close[0]):
        hashes = _hashes(month)
        for _month, code, stored in found:
            before = digests.get((code, str(Month.parse(month).previous())), "")
            if digest.chain(before, hashes.get(code, [])) != stored:
                yield Fault("digests", f"{code} {month}", _("摘要与行不符"))
            digests[code, month] = stored


def _hashes(month: str) -> dict[str, list[str]]:
    """The hashes of a month's rows per community, in export order."""
    owners = _owners(month)
    found: dict[str, list[str]] = {}
    for file in FILES:
        for cells in rows(file, month):
            key = cells[OWNER_COLUMN[file]]
            code = key if file == "closes" else owners[file][key]
            found.setdefault(code, []).append(digest.row_hash(line(cells)))
    return found


OWNER_COLUMN = {"shares": 1, "charges": 1, "rebates": 2, "closes": 1}


def _owners(month: str) -> dict[str, dict[str, str]]:
    """Which community a bill or an agreement of the month belongs to, by ref."""
    posted = MonthClose.objects.filter(month=month, state=CloseState.POSTED)
    bills = dict(posted.filter(sharings__isnull=False).values_list("sharings__bill__ref", "community_id"))
    agreements = dict(
        posted.filter(charges__isnull=False).values_list("charges__agreement__ref", "community_id")
    )
    agreements |= dict(
        posted.filter(rebates__isnull=False).values_list("rebates__agreement__ref", "community_id")
    )
    return {"shares": bills, "charges": agreements, "rebates": agreements}

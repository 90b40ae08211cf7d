"""Load the money that came or went up to the month's end and is in no posted month yet."""

from datetime import date
from typing import NamedTuple

from django.db import connection

from billing.books import Books
from billing.charges import Correction
from billing.funds import TopUp, Transfer
from billing.journal import Payment, Receipt
from billing.money import MONEY
from portal.months import Month

# Six kinds as rows of one shape: most communities have next to none, and six queries cost more than the rows.
MOVEMENTS = """
    SELECT kind, id, community_id, ref, of, provider_id, from_fund, fund, date,
        (amount * %(money)s)::bigint, reason
    FROM (
        SELECT 'opening' AS kind, id, community_id, '' AS ref, '' AS of, NULL::bigint AS provider_id,
            '' AS from_fund, fund, NULL::date AS date, amount, '' AS reason, close_id
        FROM billing_openingbalance
        UNION ALL
        SELECT 'topup', id, community_id, ref, '', NULL, '', fund, date, amount, '', close_id
        FROM billing_topup
        UNION ALL
        SELECT 'transfer', id, community_id, ref, '', NULL, from_fund, to_fund, date, amount, '', close_id
        FROM billing_transfer
        UNION ALL
        SELECT 'receipt', r.id, r.community_id, r.ref, p.ref, p.id, '', '', date, amount, '', close_id
        FROM billing_receipt r JOIN services_provider p ON p.id = r.provider_id
        UNION ALL
        SELECT 'payment', p.id, p.community_id, p.ref, b.utility, NULL, '', '', p.date, p.amount, '', p.close_id
        FROM billing_payment p JOIN billing_utilitybill b ON b.id = p.bill_id
        UNION ALL
        SELECT 'correction', c.id, c.community_id, c.ref, a.ref, NULL, '', fund, date, amount, reason, close_id
        FROM billing_correction c JOIN services_agreement a ON a.id = c.agreement_id
    ) movement
    WHERE close_id IS NULL AND community_id = ANY(%(codes)s) AND (date IS NULL OR date <= %(last)s)
    ORDER BY ref
"""


class Movement(NamedTuple):
    """A row of any of the six kinds; `of` is the provider, agreement or utility it is about."""

    kind: str
    pk: int
    code: str
    ref: str
    of: str
    provider_id: int
    from_fund: str
    fund: str
    on: date
    amount: int
    reason: str


def load_movements(month: Month, books: dict[str, Books]) -> None:
    """Put opening balances, top-ups, transfers, receipts, payments and corrections into the books, by ref."""
    with connection.cursor() as cursor:
        cursor.execute(MOVEMENTS, {"money": 10**MONEY, "codes": list(books), "last": month.last})
        for row in cursor.fetchall():
            one = Movement(*row)
            _enter(books[one.code], one)


def _enter(books: Books, one: Movement) -> None:
    match one.kind:
        case "opening":
            books.opening[one.fund] = one.amount
        case "topup":
            books.topups.append(TopUp(one.ref, one.fund, one.on, one.amount))
        case "transfer":
            books.transfers.append(Transfer(one.ref, one.from_fund, one.fund, one.on, one.amount))
        case "receipt":
            books.receipts.append(Receipt(one.ref, one.of, one.on, one.amount))
            books.ids.providers[one.of] = one.provider_id
        case "payment":
            books.payments.append(Payment(one.ref, one.of, one.on, one.amount))
        case "correction":
            books.corrections.append(Correction(one.ref, one.of, one.on, one.amount, one.fund, one.reason))
            books.ids.corrections[one.ref] = one.pk
    books.ids.taken[one.kind].append(one.pk)

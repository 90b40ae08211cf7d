"""The same month by objects saved one by one, as it would be written without any thought of speed."""

import time
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing.bench.databases import MONTH
from billing.books import Books
from billing.computing import MonthResult, compute
from billing.funds import FUNDS
from billing.journal import Entry as JournalEntry
from billing.journal import journal
from billing.loading import load
from billing.loading.chains import load_chains
from billing.models import (
    Account,
    AccountMonth,
    BillSharing,
    Charge,
    CloseState,
    CommunityMonth,
    Entry,
    Line,
    MonthClose,
    OpeningBalance,
    Rebate,
    Revenue,
    Share,
    UtilityBill,
)
from billing.models.rollups import Figures
from billing.money import MONEY, QUANTITY, from_units
from facilities.models import Community
from portal.months import Month

SAMPLE = 12  # communities


def close_by_rows() -> float:
    """Close a sample of communities row by row; return the seconds for each community."""
    codes = list(Community.objects.order_by("region_id").values_list("region_id", flat=True))
    chosen = codes[:: max(1, len(codes) // SAMPLE)][:SAMPLE]
    began = time.monotonic()
    for code in chosen:
        with transaction.atomic():
            _close(Month.parse(MONTH), code)
    return (time.monotonic() - began) / len(chosen)


def _close(month: Month, code: str) -> None:
    (books,), prices = load(month, load_chains(month, [code]))
    result = compute(month, books, prices)
    assert isinstance(result, MonthResult)
    close = MonthClose.objects.create(community_id=code, month=str(month), state=CloseState.DRAFT)
    _save_results(close, books, result)
    entries = journal(
        month,
        result.computed,
        providers={one.ref: one.provider_ref for one in books.agreements},
        is_first=True,
        receipts=books.receipts,
        payments=books.payments,
    )
    _save_ledger(close, books, entries)
    _mark_taken(close, books)
    close.state, close.digest, close.posted_at = CloseState.POSTED, result.digest, timezone.now()
    close.version, close.last_entry = 1, len(entries)
    close.save()


def _yuan(units: int | None) -> Any:
    return None if units is None else from_units(units, MONEY)


def _save_results(close: MonthClose, books: Books, result: MonthResult) -> None:
    ids = books.ids
    for sharing in result.computed.sharings:
        made = BillSharing.objects.create(
            close=close, bill_id=ids.bills[sharing.bill_ref], explanation=sharing.explanation
        )
        for one in sharing.shares:
            Share.objects.create(
                sharing=made,
                agreement_id=ids.agreements.get(one.agreement_ref),
                quantity=None if one.quantity is None else from_units(one.quantity, QUANTITY),
                gross=_yuan(one.gross),
                subsidy=_yuan(one.subsidy),
                subsidy_fund=one.subsidy_fund,
                amount=_yuan(one.amount),
                flags=one.flags,
                explanation=one.explanation,
            )
    for charge in result.computed.charges:
        Charge.objects.create(
            close=close,
            agreement_id=ids.agreements[charge.agreement_ref],
            kind=charge.kind,
            fund=charge.fund,
            amount=_yuan(charge.amount),
            explanation=charge.explanation,
        )
    _save_rebates(close, books, result)
    parts, closing = result.funds.utility, result.funds.closing
    figures = [getattr(parts, name) for name in Figures.FIELDS[:7]] + [closing[fund] for fund in FUNDS]
    amounts = dict(zip(Figures.FIELDS, map(_yuan, figures), strict=True))
    CommunityMonth.objects.create(close=close, community_id=close.community_id, month=close.month, **amounts)


def _save_rebates(close: MonthClose, books: Books, result: MonthResult) -> None:
    for one in result.computed.rebates:
        Rebate.objects.create(
            close=close,
            month=one.month,
            agreement_id=books.ids.agreements[one.agreement_ref],
            term_ref=one.term_ref,
            kind=one.kind,
            base=_yuan(one.base),
            amount=_yuan(one.amount),
            welfare_amount=_yuan(one.welfare_amount),
            value=_yuan(one.value),
            status=one.status,
            explanation=one.explanation,
        )


def _save_ledger(close: MonthClose, books: Books, entries: Iterable[JournalEntry]) -> None:
    """Lines of one entry go together, for PostgreSQL takes only whole entries."""
    moved: dict[int, list[Decimal]] = {}
    for number, one in enumerate(entries, 1):
        entry = Entry.objects.create(close=close, number=number, date=one.on, source=one.source)
        lines = []
        for position, line in enumerate(one.lines, 1):
            provider: Any = books.ids.providers.get(line.provider_ref)
            account, _made = Account.objects.get_or_create(
                community_id=close.community_id,
                kind=line.kind,
                name=line.name,
                provider_id=provider,
            )
            amount = from_units(line.amount, MONEY)
            lines.append(Line(entry=entry, position=position, account=account, amount=amount))
            moved.setdefault(account.pk, []).append(amount)
        Line.objects.bulk_create(lines)
    for account_id, amounts in moved.items():
        debit = sum((one for one in amounts if one > 0), Decimal())
        credit = -sum((one for one in amounts if one < 0), Decimal())
        AccountMonth.objects.create(
            account_id=account_id, month=close.month, debit=debit, credit=credit, balance=debit - credit
        )


def _mark_taken(close: MonthClose, books: Books) -> None:
    for model, keys in ((UtilityBill, books.ids.taken["bill"]), (OpeningBalance, books.ids.taken["opening"])):
        for row in model._default_manager.filter(pk__in=keys):
            row.close = close
            row.save()
    for pk in books.ids.revenue:
        revenue = Revenue.objects.get(pk=pk)
        revenue.posted_amount = revenue.amount
        revenue.save()

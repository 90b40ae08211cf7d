"""One account over all its months: its balance is one row, and a page of it costs the same however long it is.

Lines follow each other in the order they were posted. A page starts from the month's end before it
(`AccountMonth`), never from the first line.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from billing.models import Account, AccountMonth, Line, MonthClose

PAGE = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an account, and what the account holds after it."""

    line: Line
    balance: Decimal

    @property
    def cursor(self) -> str:
        return f"{self.line.entry_id}.{self.line.position}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines that follow each other; `opening` is what the account held before them."""

    opening: Decimal
    rows: list[Row]
    has_earlier: bool
    has_later: bool


def balance(account: Account) -> Decimal:
    """What the account holds at the end of its last posted month."""
    months = AccountMonth.objects.filter(account=account).order_by("-month")
    return months.values_list("balance", flat=True).first() or Decimal("0.00")


def first_page(account: Account, *, size: int = PAGE) -> Page:
    found = list(_lines(account)[: size + 1])
    return _page(Decimal("0.00"), found[:size], has_earlier=False, has_later=len(found) > size)


def last_page(account: Account, *, size: int = PAGE) -> Page:
    found = list(_lines(account).reverse()[: size + 1])
    lines = found[:size][::-1]
    opening = balance(account) - sum((line.amount for line in lines), Decimal())
    return _page(opening, lines, has_earlier=len(found) > size, has_later=False)


def page_after(account: Account, cursor: str, *, size: int = PAGE) -> Page:
    """The lines that follow one; a cursor that is none is a ValueError."""
    entry, position = map(int, cursor.split("."))
    found = list(_lines(account).filter(_after(entry, position))[: size + 1])
    opening = _balance_after(account, entry, position)
    return _page(opening, found[:size], has_earlier=True, has_later=len(found) > size)


def page_before(account: Account, cursor: str, *, size: int = PAGE) -> Page:
    """The lines that come before one."""
    entry, position = map(int, cursor.split("."))
    here = Q(entry_id=entry, position=position)
    found = list(_lines(account).exclude(_after(entry, position) | here).reverse()[: size + 1])
    lines = found[:size][::-1]
    if not lines:
        return Page(Decimal("0.00"), [], has_earlier=False, has_later=True)
    closing = _balance_after(account, lines[-1].entry_id, lines[-1].position)
    opening = closing - sum((line.amount for line in lines), Decimal())
    return _page(opening, lines, has_earlier=len(found) > size, has_later=True)


def _lines(account: Account) -> Any:
    lines = Line.objects.filter(account=account).select_related("entry")
    return lines.order_by("entry_id", "position")


def _after(entry: int, position: int) -> Q:
    return Q(entry_id__gte=entry) & ~Q(entry_id=entry, position__lte=position)


def _balance_after(account: Account, entry: int, position: int) -> Decimal:
    """What the account held after a line: the end of the month before, and the month's lines up to it."""
    close = MonthClose.objects.get(entries=entry)
    before = AccountMonth.objects.filter(account=account, month__lt=close.month).order_by("-month")
    opening = before.values_list("balance", flat=True).first() or Decimal("0.00")
    first = close.entries.order_by("number").values("pk")[:1]
    moved = Line.objects.filter(account=account, entry_id__gte=first, entry_id__lte=entry)
    moved = moved.exclude(entry_id=entry, position__gt=position)
    return opening + (moved.aggregate(total=Sum("amount"))["total"] or Decimal())


def _page(opening: Decimal, lines: list[Line], *, has_earlier: bool, has_later: bool) -> Page:
    rows, held = [], opening
    for line in lines:
        held += line.amount
        rows.append(Row(line, held))
    return Page(opening, rows, has_earlier, has_later)

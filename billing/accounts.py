"""One account over all its months: its balance is one row, and a page of it costs the same however long it is.

Lines follow each other in the order they were posted. A page starts from the month's end before it
(`AccountMonth`), never from the first line.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, Subquery, Sum

from billing.models import Account, AccountMonth, Entry, Line, MonthClose
from portal.months import Month

PAGE = 50
CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,4})")


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

    @property
    def closing(self) -> Decimal:
        """What the account held after them."""
        return self.rows[-1].balance if self.rows else self.opening

    @property
    def first_cursor(self) -> str:
        return self.rows[0].cursor if self.rows else ""

    @property
    def last_cursor(self) -> str:
        return self.rows[-1].cursor if self.rows else ""


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
    """The lines that follow one; a cursor that names none of this account is a ValueError."""
    entry, position = _line(account, cursor)
    found = list(_lines(account).filter(_after(entry, position))[: size + 1])
    opening = _balance_after(account, entry, position)
    return _page(opening, found[:size], has_earlier=True, has_later=len(found) > size)


def page_before(account: Account, cursor: str, *, size: int = PAGE) -> Page:
    """The lines that come before one; a cursor that names none of this account is a ValueError."""
    entry, position = _line(account, cursor)
    before = Q(entry_id__lte=entry) & ~Q(entry_id=entry, position__gte=position)
    found = list(_lines(account).filter(before).reverse()[: size + 1])
    lines = found[:size][::-1]
    if not lines:
        return Page(Decimal("0.00"), [], has_earlier=False, has_later=True)
    closing = _balance_after(account, lines[-1].entry_id, lines[-1].position)
    opening = closing - sum((line.amount for line in lines), Decimal())
    return _page(opening, lines, has_earlier=len(found) > size, has_later=True)


def page_of(account: Account, month: Month, *, size: int = PAGE) -> Page:
    """The lines from a month on; it begins with what the account held at the end of the month before."""
    entries = Entry.objects.filter(close=OuterRef("pk")).order_by("number").values("pk")
    closes = MonthClose.objects.filter(community=account.community_id, month__gte=str(month))
    begun = closes.annotate(first=Subquery(entries[:1])).exclude(first=None).order_by("month")
    first = begun.values_list("first", flat=True).first()
    lines = _lines(account)
    found = [] if first is None else list(lines.filter(entry_id__gte=first)[: size + 1])
    before = lines if first is None else lines.filter(entry_id__lt=first)
    return _page(
        _balance_before(account, str(month)),
        found[:size],
        has_earlier=before.order_by().exists(),
        has_later=len(found) > size,
    )


def months(account: Account) -> list[str]:
    """The months in which the account moved or held something, the newest first."""
    found = AccountMonth.objects.filter(account=account).order_by("-month")
    return list(found.values_list("month", flat=True))


def _lines(account: Account) -> Any:
    """Entries are asked for once the lines are known: PostgreSQL would join them from the very first one on."""
    return Line.objects.filter(account=account).prefetch_related("entry").order_by("entry_id", "position")


def _after(entry: int, position: int) -> Q:
    return Q(entry_id__gte=entry) & ~Q(entry_id=entry, position__lte=position)


def _line(account: Account, cursor: str) -> tuple[int, int]:
    """The line that a cursor names: another account's would give balances that are none."""
    named = CURSOR.fullmatch(cursor)
    entry, position = map(int, named.groups()) if named else (0, 0)
    if not Line.objects.filter(entry_id=entry, position=position, account=account).exists():
        raise ValueError(f"{cursor!r} is no line of this account")
    return entry, position


def _balance_before(account: Account, month: str) -> Decimal:
    """What the account held at the end of the month before."""
    before = AccountMonth.objects.filter(account=account, month__lt=month).order_by("-month")
    return before.values_list("balance", flat=True).first() or Decimal("0.00")


def _balance_after(account: Account, entry: int, position: int) -> Decimal:
    """What the account held after a line: the end of the month before, and the month's lines up to it."""
    close = MonthClose.objects.get(entries=entry)
    first = close.entries.order_by("number").values("pk")[:1]
    moved = Line.objects.filter(account=account, entry_id__gte=first, entry_id__lte=entry)
    moved = moved.exclude(entry_id=entry, position__gt=position)
    total = moved.aggregate(total=Sum("amount"))["total"] or Decimal()
    return _balance_before(account, close.month) + total


def _page(opening: Decimal, lines: list[Line], *, has_earlier: bool, has_later: bool) -> Page:
    rows, held = [], opening
    for line in lines:
        held += line.amount
        rows.append(Row(line, held))
    return Page(opening, rows, has_earlier, has_later)

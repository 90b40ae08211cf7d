"""What an entry books, in words, and the row it comes from.

An entry keeps its accounts and the ref of its source: which event it is follows from both, so that the
ledger, the widest table there is, need not say it in every row.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from billing.models import (
    Charge,
    ChargeKind,
    Correction,
    Entry,
    Line,
    OpeningBalance,
    Payment,
    Rebate,
    Receipt,
    TopUp,
    Transfer,
    UtilityBill,
)

BILL, BACK = "bill", "back"
Pattern = frozenset[str]
CASH_FUND, PAID, RECEIVED, OWED, OWING, FUNDS = map(
    frozenset,
    (
        ("cash", "fund"),
        ("payable", "cash"),
        ("cash", "receivable"),
        ("fund", "payable"),
        ("receivable", "fund"),
        ("fund",),
    ),
)

# Which accounts an event moves, and what it is called; where one ref names several rows, the first that fits.
WORDS: dict[tuple[Pattern, str], Any] = {
    (CASH_FUND, "topup"): _("资金补入"),
    (CASH_FUND, "opening"): _("期初余额"),
    (PAID, "payment"): _("付水电费"),
    (RECEIVED, "receipt"): _("商家缴款"),
    (OWED, BILL): _("水电账单"),
    (OWED, BACK): _("冲回水电账单"),
    (FUNDS, "transfer"): _("资金划转"),
    (FUNDS, BILL): _("水电补贴"),
    (FUNDS, BACK): _("冲回水电补贴"),
    (OWING, "correction"): _("收费更正"),
    (OWING, ChargeKind.LUMP_SUM): _("包干费"),
    (OWING, ChargeKind.PROPERTY_FEE): _("物业费"),
    (OWING, "rebate"): _("公益反哺"),
    (OWING, BILL): _("水电分摊"),
    (OWING, BACK): _("冲回水电分摊"),
}
# The model whose row an event is read on; charges and give-back have rows of their own.
ROWS: dict[str, Any] = {
    "topup": TopUp,
    "opening": OpeningBalance,
    "payment": Payment,
    "receipt": Receipt,
    "transfer": Transfer,
    "correction": Correction,
    "rebate": Rebate,
    ChargeKind.LUMP_SUM: Charge,
    ChargeKind.PROPERTY_FEE: Charge,
    BILL: UtilityBill,
    BACK: UtilityBill,
}
MOVEMENTS = ("topup", "payment", "receipt", "transfer", "correction")


class Source(NamedTuple):
    """A row that a month took or computed; `amount` is what its entry moves, None where it has several."""

    what: str
    pk: int
    close_id: int
    ref: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Event:
    """An entry in words: what it is, the row it comes from (model and key), and the accounts it moved."""

    what: str
    words: Any
    model: Any
    pk: int | None
    lines: list[Line]


def events(code: str, entries: Collection[Entry]) -> dict[int, Event]:
    """Tell what each of these entries of a community is; two queries, however many they are."""
    lines: dict[int, list[Line]] = {entry.pk: [] for entry in entries}
    moved = Line.objects.filter(entry__in=lines.keys()).select_related("account__provider")
    for line in moved.order_by("entry_id", "position"):
        lines[line.entry_id].append(line)
    found: dict[tuple[int, str], list[Source]] = {}
    for source in _sources(code, entries):
        found.setdefault((source.close_id, source.ref), []).append(source)
    return {
        entry.pk: _event(lines[entry.pk], found.get((entry.close_id, entry.source), ())) for entry in entries
    }


def _event(lines: list[Line], sources: Iterable[Source]) -> Event:
    pattern = frozenset(line.account.kind for line in lines)
    amount = _amount(lines)
    by_what = {one.what: one for one in sources if one.amount in (None, amount, -amount)}
    for (accounts, what), words in WORDS.items():
        if accounts == pattern and what in by_what:
            return Event(what, words, ROWS[what], by_what[what].pk, lines)
    return Event("", _("记账"), None, None, lines)


def _amount(lines: Iterable[Line]) -> Decimal:
    """What an entry moves: the one side of it."""
    return sum((line.amount for line in lines if line.amount > 0), Decimal())


def _sources(code: str, entries: Collection[Entry]) -> list[Source]:
    """Every row that may have given these entries their source, in one query."""
    closes = {entry.close_id for entry in entries}
    refs = {entry.source for entry in entries}
    found = [_rows(ROWS[what].objects.filter(ref__in=refs), Value(what), "ref") for what in MOVEMENTS]
    back = Case(When(corrects=None, then=Value(BILL)), default=Value(BACK))
    computed = {"close__in": closes}
    found += [
        _rows(UtilityBill.objects.filter(ref__in=refs), back, "ref", Value(None)),
        _rows(OpeningBalance.objects.filter(community=code), Value("opening"), "fund"),
        _rows(Rebate.objects.filter(**computed, term_ref__in=refs), Value("rebate"), "term_ref"),
        _rows(Charge.objects.filter(**computed, correction=None), F("kind"), "agreement__ref"),
    ]
    return [Source(*row) for row in found[0].union(*found[1:], all=True)]


def _rows(rows: QuerySet, what: Any, ref: str, amount: Any = None) -> QuerySet:
    """The columns of a source: what it is, its key, its month, what its entry names it by, what it moves."""
    columns = {
        "what": Cast(what, CharField()),
        "named": Cast(ref, CharField()),
        "moves": Cast(amount or F("amount"), Line._meta.get_field("amount")),
    }
    taken = rows.filter(close__isnull=False).order_by()
    return taken.annotate(**columns).values_list("what", "pk", "close_id", "named", "moves")

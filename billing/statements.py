"""A month's statement: every row that made up its figures, and every line of its accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from billing.models import AccountMonth, Charge, CommunityMonth, Line, MonthClose, Rebate, Share


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """One account in one month; debit is positive, credit negative."""

    title: str
    opening: Decimal
    lines: list[Line]
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    figures: CommunityMonth
    shares: list[Share]
    charges: list[Charge]
    rebates: list[Rebate]
    accounts: list[AccountStatement]


def shares_of(close: MonthClose) -> list[Share]:
    """Every share of a month, by bill and agreement, the community's own last."""
    rows = Share.objects.filter(sharing__close=close)
    return list(
        rows.select_related("sharing__bill", "sharing__close", "agreement__provider").order_by(
            "sharing__bill__ref", "agreement__ref"
        )
    )


def charges_of(close: MonthClose) -> list[Charge]:
    rows = close.charges.select_related("close", "correction", "agreement__provider")
    return list(rows.order_by("agreement__ref", "kind", "pk"))


def rebates_of(close: MonthClose) -> list[Rebate]:
    rows = close.rebates.select_related("close", "agreement__provider")
    return list(rows.order_by("month", "agreement__ref", "term_ref"))


def statement_of(figures: CommunityMonth) -> Statement:
    """The whole statement in a fixed number of queries."""
    close = figures.close
    return Statement(figures, shares_of(close), charges_of(close), rebates_of(close), accounts_of(close))


def accounts_of(close: MonthClose) -> list[AccountStatement]:
    """Every account of the community with its lines of this posted month."""
    months = AccountMonth.objects.filter(account__community=close.community_id, month=close.month)
    held = months.select_related("account__provider").order_by(
        "account__kind", "account__name", "account__provider__ref"
    )
    lines: dict[int, list[Line]] = {}
    for line in Line.objects.filter(entry__close=close).select_related("entry").order_by("entry__number"):
        lines.setdefault(line.account_id, []).append(line)
    return [_account(month, lines.get(month.account_id, ())) for month in held]


def _account(month: AccountMonth, lines: Iterable[Line]) -> AccountStatement:
    opening = month.balance - month.debit + month.credit
    return AccountStatement(month.account.title, opening, list(lines), month.balance)

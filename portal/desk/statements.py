"""What a provider owes and gives back, agreement by agreement and month by month, each with its why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from billing import reasons
from billing.explain import Sentence
from billing.models import AccountMonth, Charge, MonthClose, Rebate, Share
from billing.overview import ZERO
from services.models import Agreement


@dataclass(frozen=True, slots=True)
class Item:
    """One amount of a statement; `row` is the share, charge or give-back it comes from."""

    kind: str
    row: Any
    amount: Decimal | None
    why: list[Sentence] = field(default_factory=list)


@dataclass(slots=True)
class MonthTotal:
    """What one agreement owes for one month, in three words."""

    close: MonthClose
    shares: Decimal = ZERO
    charges: Decimal = ZERO
    rebates: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.shares + self.charges + self.rebates


def agreements_of(user: Any) -> QuerySet[Agreement]:
    """The agreements of the providers this person acts for."""
    mine = Agreement.objects.filter(provider__in=user.provider_ids)
    return mine.select_related("provider", "facility", "community").order_by("ref")


def totals_of(agreements: Iterable[Agreement]) -> dict[int, list[MonthTotal]]:
    """The published months of each agreement, the newest first, in three queries."""
    keys = [agreement.pk for agreement in agreements]
    found: dict[tuple[int, int], MonthTotal] = {}
    shares = Share.objects.published().filter(agreement__in=keys).select_related("sharing__close")
    for share in shares:
        _total(found, share.agreement_id, share.sharing.close).shares += share.amount
    for charge in Charge.objects.published().filter(agreement__in=keys).select_related("close"):
        _total(found, charge.agreement_id, charge.close).charges += charge.amount
    for rebate in Rebate.objects.published().filter(agreement__in=keys).select_related("close"):
        _total(found, rebate.agreement_id, rebate.close).rebates += rebate.amount or ZERO
    by_agreement: dict[int, list[MonthTotal]] = {key: [] for key in keys}
    for (key, _close), total in found.items():
        by_agreement[key].append(total)
    for totals in by_agreement.values():
        totals.sort(key=lambda total: total.close.month, reverse=True)
    return by_agreement


def _total(found: dict[tuple[int, int], MonthTotal], agreement: Any, close: MonthClose) -> MonthTotal:
    return found.setdefault((agreement, close.pk), MonthTotal(close))


def items_of(agreement: Agreement, close: MonthClose) -> list[Item]:
    """Every row of one agreement in one month, with its why."""
    shares = Share.objects.filter(agreement=agreement, sharing__close=close)
    charges = Charge.objects.filter(agreement=agreement, close=close)
    rebates = Rebate.objects.filter(agreement=agreement, close=close)
    return [
        *(
            Item("share", share, share.amount, reasons.of_share(share))
            for share in shares.select_related("sharing__bill", "agreement").order_by("sharing__bill__ref")
        ),
        *(
            Item("charge", charge, charge.amount, reasons.of_charge(charge))
            for charge in charges.select_related("agreement", "correction").order_by("kind", "pk")
        ),
        *(
            Item("rebate", rebate, rebate.amount, reasons.of_rebate(rebate))
            for rebate in rebates.select_related("agreement").order_by("month", "term_ref")
        ),
    ]


def balances_of(provider_ids: list[int]) -> dict[tuple[int, str], AccountMonth]:
    """What each provider owes each community at the end of the latest posted month."""
    held = AccountMonth.objects.filter(account__kind="receivable", account__provider__in=provider_ids)
    latest = held.select_related("account").order_by("account", "-month").distinct("account")
    return {(month.account.provider_id or 0, month.account.community_id): month for month in latest}

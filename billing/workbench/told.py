"""Stored rows of a month beside their sentences: how each amount came about."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from billing import reasons
from billing.explain import Sentence
from billing.models import BillSharing, MonthClose, Share
from billing.statements import charges_of, rebates_of, shares_of


@dataclass(frozen=True, slots=True)
class Told:
    """A row and how it came about."""

    row: Any
    sentences: list[Sentence]


@dataclass(frozen=True, slots=True)
class ToldBill:
    """A shared bill: what all rows have in common, and each row."""

    sharing: BillSharing
    common: list[Sentence]
    shares: list[Told] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ToldMonth:
    """Everything a month computed."""

    bills: list[ToldBill]
    charges: list[Told]
    rebates: list[Told]

    @property
    def agreements(self) -> list[Any]:
        """Those the month says something about, by ref."""
        told = [one for bill in self.bills for one in bill.shares] + self.charges + self.rebates
        found = {one.row.agreement.pk: one.row.agreement for one in told if one.row.agreement}
        return sorted(found.values(), key=lambda agreement: agreement.ref)

    def of(self, agreement_id: int) -> "ToldMonth":
        """What it says about one agreement: only the bills it shares, only its own rows."""
        bills = [
            ToldBill(bill.sharing, bill.common, _only(bill.shares, agreement_id))
            for bill in self.bills
            if _only(bill.shares, agreement_id)
        ]
        return ToldMonth(bills, _only(self.charges, agreement_id), _only(self.rebates, agreement_id))

    @property
    def due(self) -> Any:
        """What the agreements in it owe for the month."""
        shares = [one.row.amount for bill in self.bills for one in bill.shares if one.row.agreement_id]
        return sum(shares + [one.row.amount or 0 for one in self.charges + self.rebates])


def _only(rows: list[Told], agreement_id: int) -> list[Told]:
    return [one for one in rows if one.row.agreement_id == agreement_id]


def tell(close: MonthClose) -> ToldMonth:
    """Return a month with its sentences, in three queries."""
    bills = _tell_bills(shares_of(close))
    return ToldMonth(
        bills, _tell(charges_of(close), reasons.of_charge), _tell(rebates_of(close), reasons.of_rebate)
    )


def _tell(rows: Iterable[Any], why: Callable[[Any], list[Sentence]]) -> list[Told]:
    return [Told(row, why(row)) for row in rows]


def _tell_bills(shares: Iterable[Share]) -> list[ToldBill]:
    found: dict[int, ToldBill] = {}
    for share in shares:
        if share.sharing_id not in found:
            found[share.sharing_id] = ToldBill(share.sharing, reasons.of_bill(share.sharing))
        found[share.sharing_id].shares.append(Told(share, reasons.of_share(share)))
    return list(found.values())

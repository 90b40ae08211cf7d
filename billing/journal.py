"""The entries of a community's month, each balanced (billing-rules 5.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from billing.charges import Charge
from billing.funds import FUNDS, UTILITY, WELFARE, Computed, TopUp, Transfer
from billing.rebates import Rebate
from billing.sharing_values import BillSharing
from portal.months import Month

CASH, RECEIVABLE, PAYABLE, FUND = "cash", "receivable", "payable", "fund"
AccountName = tuple[str, str, str]  # kind; fund or utility; who owes
CASH_ACCOUNT: AccountName = (CASH, "", "")
FUND_ACCOUNTS: dict[str, AccountName] = {fund: (FUND, fund, "") for fund in FUNDS}


class Line(NamedTuple):
    """One side of an entry (5.1): a debit above 0, a credit below.

    `name` is the fund or the utility, `provider_ref` who owes; both "" where not applicable.
    """

    kind: str
    name: str
    provider_ref: str
    amount: int

    @property
    def account(self) -> str:
        """The account as exports name it: cash, receivable:P1, payable:water, fund:utility."""
        owner = self.name or self.provider_ref
        return f"{self.kind}:{owner}" if owner else self.kind


class Entry(NamedTuple):
    """One event; its lines add up to 0. `source` is the ref it comes from."""

    on: date
    event: str
    source: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider pays what it owes."""

    ref: str
    provider_ref: str
    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A utility bill is paid."""

    ref: str
    utility: str
    on: date
    amount: int


def journal(
    month: Month,
    computed: Computed,
    *,
    providers: Mapping[str, str],
    is_first: bool = False,
    receipts: Iterable[Receipt] = (),
    payments: Iterable[Payment] = (),
) -> list[Entry]:
    """All entries of a community's month, none of an amount of 0 (5.2).

    `providers` names the provider of each agreement ref; `is_first` is the community's first month,
    which books its opening balances.
    """
    entries = openings(month, computed.opening) if is_first else []
    for row in computed.rebates:
        entries += give_back(month, row, providers[row.agreement_ref])
    for sharing in computed.sharings:
        entries += shared_bill(month, sharing, providers)
    for charge in computed.charges:
        entries += charged(month, charge, providers[charge.agreement_ref])
    moved = [
        *(paid(month, payment) for payment in payments),
        *(received(month, receipt) for receipt in receipts),
        *(topped_up(month, topup) for topup in computed.topups),
        *(transferred(month, transfer) for transfer in computed.transfers),
    ]
    return entries + [entry for found in moved for entry in found]


def openings(month: Month, balances: Mapping[str, int]) -> list[Entry]:
    """Opening balance: cash to the fund; a negative one the other way round."""
    entries = []
    for fund in sorted(balances):
        entries += _move(month.first, "opening", fund, CASH_ACCOUNT, FUND_ACCOUNTS[fund], balances[fund])
    return entries


def give_back(month: Month, row: Rebate, provider_ref: str) -> list[Entry]:
    """Give-back due: the provider owes it to the utility fund and its welfare part to welfare."""
    amount, welfare = row.amount or 0, row.welfare_amount
    owed = (RECEIVABLE, "", provider_ref)
    if not welfare:
        return _move(month.last, "rebate", row.term_ref, owed, FUND_ACCOUNTS[UTILITY], amount)
    given = [
        Line(*owed, amount),
        Line(FUND, UTILITY, "", welfare - amount),
        Line(FUND, WELFARE, "", -welfare),
    ]
    return [Entry(month.last, "rebate", row.term_ref, tuple([line for line in given if line.amount]))]


def shared_bill(month: Month, sharing: BillSharing, providers: Mapping[str, str]) -> list[Entry]:
    """A bill: each agreement owes its share, funds give their subsidies, the utility fund owes A."""
    on, ref = booked_on(month, sharing.period_end), sharing.bill_ref
    fund = FUND_ACCOUNTS[UTILITY]
    entries = []
    for share in sharing.shares:
        if share.agreement_ref:
            owed = (RECEIVABLE, "", providers[share.agreement_ref])
            entries += _move(on, "share", ref, owed, fund, share.amount)
            if share.subsidy and share.subsidy_fund != UTILITY:
                given = FUND_ACCOUNTS[share.subsidy_fund]
                entries += _move(on, "subsidy", ref, given, fund, share.subsidy)
    return entries + _move(on, "bill", ref, fund, (PAYABLE, sharing.utility, ""), sharing.amount)


def charged(month: Month, charge: Charge, provider_ref: str) -> list[Entry]:
    """A lump sum, property fee or correction: the provider owes it to its fund."""
    on, source = booked_on(month, charge.on), charge.ref or charge.agreement_ref
    owed = (RECEIVABLE, "", provider_ref)
    return _move(on, charge.kind, source, owed, FUND_ACCOUNTS[charge.fund], charge.amount)


def paid(month: Month, payment: Payment) -> list[Entry]:
    """A bill paid: what was payable leaves the cash."""
    on = booked_on(month, payment.on)
    return _move(on, "payment", payment.ref, (PAYABLE, payment.utility, ""), CASH_ACCOUNT, payment.amount)


def received(month: Month, receipt: Receipt) -> list[Entry]:
    """A receipt from a provider: cash for what it owed."""
    on, owed = booked_on(month, receipt.on), (RECEIVABLE, "", receipt.provider_ref)
    return _move(on, "receipt", receipt.ref, CASH_ACCOUNT, owed, receipt.amount)


def topped_up(month: Month, topup: TopUp) -> list[Entry]:
    """A top-up: cash into the fund named."""
    on = booked_on(month, topup.on)
    return _move(on, "topup", topup.ref, CASH_ACCOUNT, FUND_ACCOUNTS[topup.fund], topup.amount)


def transferred(month: Month, transfer: Transfer) -> list[Entry]:
    """A transfer between funds."""
    on, taken = booked_on(month, transfer.on), FUND_ACCOUNTS[transfer.from_fund]
    return _move(on, "transfer", transfer.ref, taken, FUND_ACCOUNTS[transfer.to_fund], transfer.amount)


def booked_on(month: Month, day: date | None) -> date:
    """An event is booked on its own day, or on the nearest day of the month it belongs to."""
    return month.last if day is None else month.clamp(day)


def _move(
    on: date, event: str, source: str, debit: AccountName, credit: AccountName, amount: int
) -> list[Entry]:
    """The entry that books an amount on two accounts, if there is any."""
    if not amount:
        return []
    return [Entry(on, event, source, (Line(*debit, amount), Line(*credit, -amount)))]

"""The seven funds of a community over one month (billing-rules 5.1, 5.3–5.5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from billing.blocks import Block
from billing.charges import Charge
from billing.money import RATE, round_half_away, text
from billing.rebates import Rebate
from billing.sharing_values import BillSharing

UTILITY, WELFARE, SERVICE, GRANT, DONATION, DEPOSIT, PROPERTY = FUNDS = (
    "utility",
    "welfare",
    "service",
    "grant",
    "donation",
    "deposit",
    "property",
)


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money from outside into one fund."""

    ref: str
    fund: str
    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money from one fund to another, decided with minutes."""

    ref: str
    from_fund: str
    to_fund: str
    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Computed:
    """All that a community's month consists of before its funds are added up."""

    opening: Mapping[str, int]
    sharings: tuple[BillSharing, ...] = ()
    charges: tuple[Charge, ...] = ()
    rebates: tuple[Rebate, ...] = ()
    topups: tuple[TopUp, ...] = ()
    transfers: tuple[Transfer, ...] = ()


@dataclass(frozen=True, slots=True)
class UtilityMonth:
    """A month of the utility fund: where its money came from and where it went (5.3)."""

    opening: int
    rebate_in: int
    recovered_in: int
    subsidy_in: int
    topup_in: int
    transfer_in: int
    bill_out: int

    @property
    def closing(self) -> int:
        money_in = self.rebate_in + self.recovered_in + self.subsidy_in + self.topup_in + self.transfer_in
        return self.opening + money_in - self.bill_out

    @property
    def shortfall(self) -> int:
        """What is missing where the fund closes below zero."""
        return max(0, -self.closing)

    @property
    def self_sufficiency(self) -> int | None:
        """The part of the bills that users and give-back pay, in 0.0001; None without bills (5.5)."""
        return self_sufficiency(self.rebate_in, self.recovered_in, self.bill_out)


def self_sufficiency(rebate_in: int, recovered_in: int, bill_out: int) -> int | None:
    """(rebate_in + recovered_in) / bill_out in 0.0001; None where bill_out ≤ 0 (5.5)."""
    if bill_out <= 0:
        return None
    return round_half_away((rebate_in + recovered_in) * 10**RATE, bill_out)


@dataclass(frozen=True, slots=True)
class FundMonth:
    """Every fund's closing, the utility fund in parts, and the funds that would fall below zero."""

    utility: UtilityMonth
    closing: Mapping[str, int]
    blocks: tuple[Block, ...]


def fund_month(computed: Computed) -> FundMonth:
    """Add up a month: closings by fund, and a block for every fund but utility below zero (5.4)."""
    utility = utility_month(computed)
    closing = {fund: computed.opening.get(fund, 0) for fund in FUNDS}
    for fund, amount in _movements_of_others(computed):
        closing[fund] += amount
    closing[UTILITY] = utility.closing
    blocks = tuple(
        Block("fund_lacks", "fund", fund, {"fund": fund, "lacks": text(-closing[fund])})
        for fund in FUNDS
        if fund != UTILITY and closing[fund] < 0
    )
    return FundMonth(utility, closing, blocks)


def utility_month(computed: Computed) -> UtilityMonth:
    """The parts of the utility fund's month (5.3)."""
    recovered = subsidised = billed = 0
    for sharing in computed.sharings:
        billed += sharing.amount
        for share in sharing.shares:
            if share.agreement_ref:
                recovered += share.amount
                if share.subsidy and share.subsidy_fund != UTILITY:
                    subsidised += share.subsidy
    recovered += sum(charge.amount for charge in computed.charges if charge.fund == UTILITY)
    return UtilityMonth(
        opening=computed.opening.get(UTILITY, 0),
        rebate_in=sum(row.amount - row.welfare_amount for row in computed.rebates if row.amount),
        recovered_in=recovered,
        subsidy_in=subsidised,
        topup_in=sum(one.amount for one in computed.topups if one.fund == UTILITY),
        transfer_in=sum(_into(UTILITY, one) for one in computed.transfers),
        bill_out=billed,
    )


def _into(fund: str, transfer: Transfer) -> int:
    """What a transfer brings a fund, net."""
    return transfer.amount * ((transfer.to_fund == fund) - (transfer.from_fund == fund))


def _movements_of_others(computed: Computed) -> Iterable[tuple[str, int]]:
    """Every movement of the funds; those of the utility fund are told in its own parts."""
    for row in computed.rebates:
        yield WELFARE, row.welfare_amount
    for charge in computed.charges:
        yield charge.fund, charge.amount
    for sharing in computed.sharings:
        for share in sharing.shares:
            if share.subsidy:
                yield share.subsidy_fund, -share.subsidy
    for topup in computed.topups:
        yield topup.fund, topup.amount
    for transfer in computed.transfers:
        yield transfer.from_fund, -transfer.amount
        yield transfer.to_fund, transfer.amount

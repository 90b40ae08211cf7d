from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from billing.charges import ChargeTerm, Correction, charges, correction
from billing.funds import FUNDS, Computed, TopUp, Transfer, fund_month, self_sufficiency
from billing.journal import Line, Payment, Receipt, journal
from billing.money import text
from billing.rebates import RebateTerm, rebates
from billing.sharing import share_bill
from portal.months import Month
from tests.billing.values import bill, fen, occupant, on, price, rule, shared, terms

SEPTEMBER = Month.parse("2026-09")
PROVIDERS = {"DJ-A1": "DJ-P1", "DJ-A2": "DJ-P2", "DJ-A3": "DJ-P3"}


def dianjian():
    """September of 电建: a subsidised share, property fees, a fixed give-back and a grant."""
    subsidised = terms(
        "shared", weight="310", subsidy_percent="50", subsidy_until="2026-09-30", subsidy_fund="grant"
    )
    occupants = [
        occupant("DJ-A1", "260", terms("shared", weight="260", frequency_factor="1.25")),
        occupant("DJ-A2", "310", subsidised),
        occupant("DJ-A3", "90", terms("shared", weight="90")),
    ]
    electricity = share_bill(
        bill("3174.40", "5120", ref="DJ-E-09"),
        occupants,
        rule=rule(community_weight="420"),
        price=price("0.5183"),
    )
    fees = [ChargeTerm("DJ-A1", "property_fee", area_m2=26_000, rate=15_000)]
    fees_3 = [ChargeTerm("DJ-A3", "property_fee", area_m2=9_000, rate=12_000)]
    fixed = RebateTerm("DJ-A3-R", "DJ-A3", "fixed", monthly_amount=fen("300.00"))
    return Computed(
        opening={},
        sharings=(shared(electricity),),
        charges=(
            *charges(SEPTEMBER, fees, active=30, area_m2=None),
            *charges(SEPTEMBER, fees_3, active=30, area_m2=None),
        ),
        rebates=tuple(rebates(SEPTEMBER, [fixed], active=30, revenue=None)),
        topups=(TopUp("DJ-T1", "grant", on("2026-09-03"), fen("2000.00")),),
    )


def balances(entries):
    found = Counter()
    for entry in entries:
        for line in entry.lines:
            found[line.account] += line.amount
    return found


def test_the_utility_fund_of_a_month_adds_up():
    utility = fund_month(dianjian()).utility

    assert text(utility.opening) == "0.00"
    assert text(utility.rebate_in) == "300.00"
    assert text(utility.recovered_in) == "1321.05"
    assert text(utility.subsidy_in) == "359.24"
    assert text(utility.bill_out) == "3174.40"
    assert text(utility.closing) == "-1194.11"
    assert text(utility.shortfall) == "1194.11"
    assert utility.self_sufficiency == 5107


def test_the_other_funds_close_with_what_moved_them():
    closing = fund_month(dianjian()).closing

    assert text(closing["grant"]) == "1640.76"
    assert text(closing["property"]) == "498.00"
    assert closing["welfare"] == 0


def test_a_fund_other_than_utility_below_zero_blocks():
    short = Computed(
        opening={"grant": fen("1.00"), "utility": fen("-5.00")},
        transfers=(Transfer("X", "grant", "welfare", on("2026-09-05"), fen("124.45")),),
    )

    (block,) = fund_month(short).blocks

    assert block.reason == "fund grant lacks 123.45"


def test_a_fund_may_not_stay_below_zero_either():
    assert [block.ref for block in fund_month(Computed(opening={"welfare": -1})).blocks] == ["welfare"]


def test_a_subsidy_of_the_utility_fund_itself_only_lowers_what_comes_in():
    agreed = terms("shared", weight="1", subsidy_percent="50")
    sharing = shared(share_bill(bill("100.00"), [occupant("A", "1", agreed)]))

    utility = fund_month(Computed(opening={}, sharings=(sharing,))).utility

    assert (utility.recovered_in, utility.subsidy_in, utility.closing) == (5_000, 0, -5_000)


def test_corrections_go_to_their_fund():
    made = [
        correction(Correction("K1", "A", on("2026-09-08"), fen("-30.00"), "utility")),
        correction(Correction("K2", "A", on("2026-09-08"), fen("12.00"), "property")),
    ]

    funds = fund_month(Computed(opening={}, charges=tuple(made)))

    assert (funds.utility.recovered_in, funds.closing["property"]) == (-3_000, 1_200)


def test_transfers_count_net():
    both = (
        Transfer("X1", "donation", "utility", on("2026-09-05"), fen("10.00")),
        Transfer("X2", "utility", "donation", on("2026-09-06"), fen("4.00")),
    )

    funds = fund_month(Computed(opening={"donation": fen("10.00")}, transfers=both))

    assert (funds.utility.transfer_in, funds.closing["donation"]) == (600, 400)


def test_self_sufficiency_is_blank_where_nothing_was_billed():
    assert self_sufficiency(100, 0, 0) is None
    assert self_sufficiency(100, 0, -5) is None
    assert self_sufficiency(30_000, 132_105, 317_440) == 5107


def test_every_event_is_booked_as_the_table_says():
    month = dianjian()

    entries = journal(
        SEPTEMBER,
        month,
        providers=PROVIDERS,
        receipts=[Receipt("RC1", "DJ-P1", on("2026-09-20"), fen("753.23"))],
        payments=[Payment("PY1", "electricity", on("2026-10-02"), fen("3174.40"))],
    )

    booked = {(entry.event, entry.source): entry for entry in entries}
    assert len(entries) == 11
    assert booked["rebate", "DJ-A3-R"].lines == (
        Line("receivable", "", "DJ-P3", 30_000),
        Line("fund", "utility", "", -30_000),
    )
    assert booked["subsidy", "DJ-E-09"].lines == (
        Line("fund", "grant", "", 35_924),
        Line("fund", "utility", "", -35_924),
    )
    assert booked["bill", "DJ-E-09"].lines == (
        Line("fund", "utility", "", 317_440),
        Line("payable", "electricity", "", -317_440),
    )
    assert booked["payment", "PY1"].on == on("2026-09-30")
    found = balances(entries)
    assert found["receivable:DJ-P1"] == fen("390.00")
    assert found["payable:electricity"] == 0
    assert found["fund:utility"] == fen("1194.11")  # a debit balance: the shortfall
    assert found["cash"] == fen("2000.00") + fen("753.23") - fen("3174.40")


def test_opening_balances_are_booked_in_the_first_month_only():
    month = Computed(opening={"utility": fen("-5.00"), "grant": fen("7.00")})

    first = journal(SEPTEMBER, month, providers={}, is_first=True)

    assert balances(first) == {"cash": 200, "fund:utility": 500, "fund:grant": -700}
    assert journal(SEPTEMBER, month, providers={}) == []


def test_entries_of_nothing_stay_out_of_the_journal():
    holiday = RebateTerm("R", "A", "fixed", monthly_amount=1, holiday_until=on("2026-09-30"))
    nothing = Computed(opening={}, rebates=tuple(rebates(SEPTEMBER, [holiday], active=30, revenue=None)))

    assert journal(SEPTEMBER, nothing, providers={"A": "P"}) == []


MONEY = st.integers(-(10**6), 10**6)
FUND = st.sampled_from(FUNDS)
DAY = st.sampled_from([on("2026-09-01"), on("2026-09-30")])


@given(
    opening=st.dictionaries(FUND, MONEY),
    topups=st.lists(st.builds(TopUp, ref=st.just("T"), fund=FUND, on=DAY, amount=MONEY), max_size=5),
    transfers=st.lists(
        st.builds(Transfer, ref=st.just("X"), from_fund=FUND, to_fund=FUND, on=DAY, amount=MONEY), max_size=5
    ),
    corrections=st.lists(
        st.builds(
            Correction, ref=st.just("K"), agreement_ref=st.just("DJ-A1"), on=DAY, amount=MONEY, fund=FUND
        ),
        max_size=5,
    ),
)
def test_debits_are_credits_and_the_ledger_is_the_funds(opening, topups, transfers, corrections):
    month = dianjian()
    month = Computed(
        opening,
        month.sharings,
        (*month.charges, *map(correction, corrections)),
        month.rebates,
        (*month.topups, *topups),
        tuple(transfers),
    )

    entries = journal(SEPTEMBER, month, providers=PROVIDERS, is_first=True)

    assert all(sum(line.amount for line in entry.lines) == 0 for entry in entries)
    assert all(line.amount for entry in entries for line in entry.lines)
    found = balances(entries)
    closing = fund_month(month).closing
    assert {fund: -found[f"fund:{fund}"] for fund in FUNDS} == closing

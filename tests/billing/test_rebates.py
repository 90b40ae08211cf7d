import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.blocks import Block
from billing.money import HUNDRED_PERCENT, RATE, optional_text, text, to_units
from billing.rebates import RebateTerm, adjustments, parse_tiers, rebates, welfare_part
from portal.months import Month
from tests.billing.values import fen, on

SEPTEMBER, OCTOBER = Month.parse("2026-09"), Month.parse("2026-10")
FIVE_PERCENT = RebateTerm("R", "A", "percent", rate=to_units("0.05", RATE))
TIERED = RebateTerm("R", "A", "tiered", tiers="50000:0.03|100000:0.05|*:0.08")
IN_KIND = RebateTerm("R", "A", "in_kind", hours=6_000, unit_value=350_000)
FIXED = RebateTerm("R", "A", "fixed", monthly_amount=fen("300.00"))


def row_of(term, revenue=None, month=SEPTEMBER, active=None):
    verified = None if revenue is None else fen(revenue)
    (row,) = rebates(month, [term], active=month.days if active is None else active, revenue=verified)
    return row


def due(term, revenue=None, **given):
    row = row_of(term, revenue, **given)
    return optional_text(row.base), optional_text(row.amount), row.status


def test_five_percent_of_revenue():
    assert due(FIVE_PERCENT, "86431.50") == ("86431.50", "4321.58", "due")


def test_only_what_is_above_the_threshold_counts_and_the_cap_holds():
    term = FIVE_PERCENT._replace(threshold=fen("5000"), cap=fen("800"))

    assert due(term, "18250.40") == ("18250.40", "662.52", "due")
    assert due(term, "90000.00") == ("90000.00", "800.00", "due")
    assert due(term, "4000.00") == ("4000.00", "0.00", "due")


def test_tiers_are_progressive():
    assert due(TIERED, "112600.00")[1] == "5008.00"
    assert due(TIERED, "98400.30")[1] == "3920.02"
    assert due(TIERED, "50000.00")[1] == "1500.00"
    assert due(TIERED, "0.00")[1] == "0.00"


def test_the_floor_counts_the_days_and_the_cap_does_not():
    term = FIVE_PERCENT._replace(floor=fen("200"))

    assert due(term, "2100.00", month=OCTOBER, active=21)[1] == "135.48"
    assert due(term._replace(cap=fen("100")), "2100.00", month=OCTOBER)[1] == "100.00"


def test_a_fixed_amount_is_paid_by_the_days_and_asks_no_revenue():
    assert due(FIXED) == ("", "300.00", "due")
    assert due(FIXED, "5000.00", month=OCTOBER, active=10) == ("", "96.77", "due")


def test_in_kind_has_a_value_and_no_money():
    row = row_of(IN_KIND)

    assert (text(row.amount), text(row.value), row.status) == ("0.00", "210.00", "in_kind")


def test_without_verified_revenue_the_row_is_missing_and_nothing_is_due():
    assert due(FIVE_PERCENT) == ("", "", "missing")
    assert due(TIERED) == ("", "", "missing")


@pytest.mark.parametrize("term", [FIVE_PERCENT, TIERED, FIXED, IN_KIND])
def test_in_a_holiday_nothing_is_due_of_any_kind(term):
    row = row_of(term._replace(holiday_until=on("2026-09-30")), "64010.00")

    assert (row.amount, row.value, row.status) == (0, None, "holiday")
    assert optional_text(row.base) == ("64010.00" if term.kind in ("percent", "tiered") else "")


def test_a_holiday_ends_before_a_month_it_does_not_cover_whole():
    assert due(FIXED._replace(holiday_until=on("2026-09-29")))[2] == "due"


def test_an_agreement_that_did_not_run_gives_nothing_back():
    assert rebates(SEPTEMBER, [FIXED], active=0, revenue=None) == []


def test_of_each_term_the_newest_row_applies():
    terms = [FIXED, FIXED._replace(monthly_amount=fen("9"), from_month="2026-10"), FIXED._replace(ref="Q")]

    rows = rebates(SEPTEMBER, terms, active=30, revenue=None)

    assert [(row.term_ref, row.amount) for row in rows] == [("Q", 30_000), ("R", 30_000)]


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        (FIVE_PERCENT._replace(rate=None), "R has no rate"),
        (FIXED._replace(monthly_amount=None), "R has no monthly_amount"),
        (IN_KIND._replace(hours=None), "R has no hours"),
        (TIERED._replace(tiers="1:2"), "tiers of R cannot be read"),
    ],
)
def test_a_term_without_its_figures_is_blocked(term, reason):
    row = row_of(term, "100.00")

    assert isinstance(row, Block)
    assert row.reason == reason


@pytest.mark.parametrize(
    "tiers", ["", "100:0.1", "*:0.1|100:0.2", "100:0.1|50:0.2|*:0.3", "0:0.1|*:0.1", "*:-0.1", "*:x"]
)
def test_tiers_that_make_no_sense_are_refused(tiers):
    with pytest.raises(ValueError, match="limit|plain number"):
        parse_tiers(tiers)


def test_a_part_goes_to_the_welfare_fund():
    row = row_of(TIERED._replace(welfare_percent=20 * 10_000), "112600.00")

    assert (text(row.amount), text(row.welfare_amount)) == ("5008.00", "1001.60")


def test_on_a_tie_the_utility_fund_gets_the_fen():
    assert welfare_part(1, HUNDRED_PERCENT // 2) == 0
    assert welfare_part(-1, HUNDRED_PERCENT // 2) == 0
    assert welfare_part(3, HUNDRED_PERCENT) == 3


# Adjustments of a posted month


def adjusted(term, *, revenue, settled, posted="0.00", month=SEPTEMBER):
    rows = adjustments(
        month,
        [term],
        active=month.days,
        revenue=None if revenue is None else fen(revenue),
        settled=None if settled is None else fen(settled),
        posted={term.ref: fen(posted)},
    )
    return [(row.month, optional_text(row.base), optional_text(row.amount), row.status) for row in rows]


def test_another_verified_figure_is_made_up_for():
    assert adjusted(FIVE_PERCENT, revenue="88931.50", settled="86431.50", posted="4321.58") == [
        ("2026-09", "88931.50", "125.00", "adjustment")
    ]


def test_revenue_verified_late_is_due_late():
    assert adjusted(FIVE_PERCENT, revenue="1000.00", settled=None) == [
        ("2026-09", "1000.00", "50.00", "adjustment")
    ]


def test_a_lower_figure_gives_money_back():
    assert adjusted(FIVE_PERCENT, revenue="0.00", settled="1000.00", posted="50.00")[0][2] == "-50.00"


def test_the_same_or_a_withdrawn_figure_changes_nothing():
    assert adjusted(FIVE_PERCENT, revenue="1000.00", settled="1000.00", posted="50.00") == []
    assert adjusted(FIVE_PERCENT, revenue=None, settled="1000.00", posted="50.00") == []


def test_a_figure_that_changes_nothing_due_still_has_its_row():
    term = FIVE_PERCENT._replace(cap=fen("10"))

    assert adjusted(term, revenue="2000.00", settled="1000.00", posted="10.00")[0][2] == "0.00"


def test_a_holiday_month_is_adjusted_by_nothing():
    term = FIVE_PERCENT._replace(holiday_until=on("2026-09-30"))

    assert adjusted(term, revenue="2000.00", settled=None) == [("2026-09", "2000.00", "0.00", "adjustment")]


def test_only_terms_of_revenue_are_adjusted():
    assert adjusted(FIXED, revenue="1.00", settled=None) == []
    assert adjusted(IN_KIND, revenue="1.00", settled=None) == []


def test_an_adjustment_splits_with_welfare_too():
    (row,) = adjustments(
        SEPTEMBER,
        [FIVE_PERCENT._replace(welfare_percent=200_000)],
        active=30,
        revenue=fen("0"),
        settled=fen("1000"),
        posted={"R": fen("50")},
    )

    assert (text(row.amount), text(row.welfare_amount)) == ("-50.00", "-10.00")


TERMS = st.builds(
    FIVE_PERCENT._replace,
    kind=st.sampled_from(["percent", "tiered"]),
    rate=st.integers(0, 10_000),
    threshold=st.integers(0, 10**7),
    floor=st.integers(0, 10**5),
    cap=st.one_of(st.none(), st.integers(0, 10**6)),
    tiers=st.sampled_from(["*:0.05", "50000:0.03|100000:0.05|*:0.08"]),
)
REVENUE = st.integers(0, 10**8)


@given(term=TERMS, before=st.one_of(st.none(), REVENUE), final=REVENUE, active=st.integers(1, 30))
def test_closing_then_adjusting_is_closing_once_with_the_final_figure(term, before, final, active):
    (first,) = rebates(SEPTEMBER, [term], active=active, revenue=before)
    (once,) = rebates(SEPTEMBER, [term], active=active, revenue=final)

    later = adjustments(
        SEPTEMBER, [term], active=active, revenue=final, settled=before, posted={"R": first.amount or 0}
    )

    assert (first.amount or 0) + sum(row.amount for row in later) == once.amount


@given(term=TERMS, revenue=REVENUE, more=REVENUE)
def test_more_revenue_never_gives_less_back(term, revenue, more):
    (low,) = rebates(SEPTEMBER, [term], active=30, revenue=revenue)
    (high,) = rebates(SEPTEMBER, [term], active=30, revenue=revenue + more)

    assert low.amount <= high.amount

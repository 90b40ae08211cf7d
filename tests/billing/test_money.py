from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.money import from_units, grouped_text, optional_text, round_half_away, share_out, text, to_units
from billing.periods import belongs_to
from portal.months import Month, in_force, overlap_days

TOTALS = st.integers(-(10**9), 10**9)
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=12)


def test_left_over_fen_go_to_the_largest_remainders():
    assert share_out(10000, [1, 1, 1]) == [3334, 3333, 3333]
    assert share_out(100, [1, 2, 3]) == [17, 33, 50]


def test_ties_go_to_the_earlier_weight():
    assert share_out(1, [5, 5]) == [1, 0]
    assert share_out(3, [1, 1, 0, 1, 1]) == [1, 1, 0, 1, 0]


def test_a_negative_total_is_the_positive_one_negated():
    assert share_out(-10000, [1, 1, 1]) == [-3334, -3333, -3333]


def test_nothing_is_shared_out_when_nothing_weighs():
    assert share_out(100, [0, 0]) is None
    assert share_out(100, []) is None


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="never negative"):
        share_out(100, [2, -1])


def test_fractions_share_as_their_proportions_do():
    assert share_out(64081, [Fraction(1, 3), Fraction(1, 6)]) == share_out(64081, [2, 1])


@given(total=TOTALS, weights=st.lists(st.fractions(0, 10**6, max_denominator=1000), min_size=1, max_size=8))
def test_parts_add_up_whatever_the_weights(total, weights):
    assume(any(weights))

    assert sum(share_out(total, weights)) == total


@given(total=TOTALS, weights=WEIGHTS)
def test_no_part_is_a_whole_unit_off_its_exact_share(total, weights):
    assume(any(weights))

    for part, weight in zip(share_out(total, weights), weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(total=TOTALS, weights=WEIGHTS)
def test_who_weighs_nothing_gets_nothing(total, weights):
    assume(any(weights))

    assert not any(
        part for part, weight in zip(share_out(total, weights), weights, strict=True) if weight == 0
    )


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (5, 10, 1),
        (-5, 10, -1),
        (4, 10, 0),
        (-4, 10, 0),
        (15, 10, 2),
        (-15, 10, -2),
        (0, 7, 0),
        (432157500, 100000, 4322),
    ],
)
def test_halves_are_rounded_away_from_zero(numerator, denominator, rounded):
    assert round_half_away(numerator, denominator) == rounded


def test_five_percent_of_revenue_rounds_up():
    assert round_half_away(8643150 * 500, 10_000) == 432158


def test_a_denominator_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        round_half_away(1, 0)


@given(units=st.integers(-(10**13), 10**13), places=st.sampled_from([2, 3, 4]))
def test_numbers_keep_their_value_through_units_and_text(units, places):
    assert to_units(from_units(units, places), places) == units
    assert to_units(text(units, places), places) == units


@pytest.mark.parametrize("value", ["0.005", Decimal("1.001"), "NaN", "Infinity", "one", ""])
def test_a_number_that_does_not_fit_its_places_is_refused(value):
    with pytest.raises(ValueError, match="decimal places|plain number"):
        to_units(value, 2)


def test_numbers_are_written_with_all_their_decimals():
    assert text(123450) == "1234.50"
    assert text(-5) == "-0.05"
    assert text(0) == "0.00"
    assert text(12345, 3) == "12.345"
    assert optional_text(None) == ""


def test_people_read_thousands_separators():
    assert grouped_text(123456789) == "1,234,567.89"
    assert grouped_text(-1286000, 3) == "-1,286"


def test_a_month_is_written_read_and_ordered_as_time_goes():
    december = Month.parse("2026-12")

    assert str(december.next()) == "2027-01"
    assert december.next().previous() == december
    assert Month.parse("2026-09") < december
    assert (december.first, december.last, december.days) == (date(2026, 12, 1), date(2026, 12, 31), 31)
    assert Month.parse("2028-02").days == 29


@pytest.mark.parametrize(
    "written", ["", "2026-9", "2026-13", "2026-00", "26-09", "2026-09-01", "２０２６-09", "2026-09\n"]
)
def test_what_is_not_a_month_is_refused_with_an_example(written):
    with pytest.raises(ValueError, match="write YYYY-MM"):
        Month.parse(written)


def test_days_of_a_period_include_both_ends():
    september = Month.parse("2026-09")

    assert september.overlap_days(date(2026, 9, 30), None) == 1
    assert september.overlap_days(date(2026, 1, 1), date(2026, 9, 1)) == 1
    assert september.overlap_days(date(2026, 10, 1), None) == 0
    assert overlap_days(date(2026, 8, 20), date(2026, 9, 19), date(2026, 9, 1), date(2026, 12, 31)) == 19


def test_the_newest_row_not_after_the_month_applies():
    class Row:
        def __init__(self, from_month):
            self.from_month = from_month

    start, july, october = Row(""), Row("2026-07"), Row("2026-10")

    assert in_force([october, start, july], Month.parse("2026-09")) is july
    assert in_force([october, start, july], Month.parse("2026-06")) is start
    assert in_force([october], Month.parse("2026-09")) is None


def test_a_document_of_a_posted_month_belongs_to_the_first_open_one():
    october = Month.parse("2026-10")

    assert belongs_to(date(2026, 9, 30), october) == october
    assert belongs_to(date(2026, 11, 2), october) == Month.parse("2026-11")
    assert belongs_to(date(2026, 9, 30), None) == Month.parse("2026-09")

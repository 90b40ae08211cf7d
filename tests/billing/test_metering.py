import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.blocks import Block
from billing.metering import REGULAR, Measurement, Meter, Reading, measure, suggested_estimate
from portal.months import Month
from tests.billing.values import meter, on

START, END = on("2026-09-01"), on("2026-09-30")


def quantity(one, start=START, end=END):
    result = measure(one, start, end)
    assert isinstance(result, Measurement), result
    return result.quantity


def reason(one):
    result = measure(one, START, END)
    assert isinstance(result, Block)
    return result.reason


def test_quantity_is_closing_less_opening():
    assert quantity(meter("M", "2026-08-31 10400", "2026-09-30 10920")) == 520_000


def test_a_reading_counts_as_taken_two_days_before_its_date():
    late = meter("M", "2026-09-02 100", "2026-10-02 150", "2026-10-03 199")

    assert quantity(late) == 50_000  # 2 September opens, 2 October closes, 3 October is October's


def test_a_reading_of_the_third_is_inside_the_period():
    assert quantity(meter("M", "2026-08-31 90", "2026-09-03 100", "2026-09-30 150")) == 60_000


def test_a_first_reading_is_a_baseline_and_bills_nothing():
    assert quantity(meter("M", "2026-09-10 500", "2026-09-30 520")) == 20_000


def test_readings_of_one_day_go_final_initial_estimated_regular():
    handed_over = meter(
        "M", "2026-08-31 900", "2026-09-15 0 initial", "2026-09-15 950 final", "2026-09-30 30"
    )

    assert quantity(handed_over) == 80_000


def test_an_initial_only_sets_the_previous_value():
    assert quantity(meter("M", "2026-08-31 900", "2026-09-10 5 initial", "2026-09-30 30")) == 25_000


def test_a_meter_that_begins_after_the_period_was_not_in_use():
    assert quantity(meter("M", "2026-10-05 0 initial")) == 0


def test_a_meter_closed_before_the_period_was_not_in_use():
    assert quantity(meter("M", "2026-07-31 10", "2026-08-31 20 final")) == 0


def test_a_meter_closed_within_the_lateness_was_not_in_use():
    assert quantity(meter("M", "2026-07-31 10", "2026-09-02 20 final")) == 0


def test_a_meter_closed_in_the_period_bills_up_to_its_final_reading():
    assert quantity(meter("M", "2026-08-31 10", "2026-09-12 25 final")) == 15_000


@pytest.mark.parametrize(
    "written",
    [
        [],
        ["2026-08-31 10"],
        ["2026-09-15 10"],
        ["2026-08-31 10", "2026-09-15 0 initial"],
        ["2026-08-31 10", "2026-10-03 90"],
    ],
)
def test_without_a_reading_after_the_opening_there_is_no_closing_reading(written):
    assert reason(meter("M", *written)) == "no closing reading"


def test_a_meter_rolls_over_at_its_digits():
    assert quantity(meter("M", "2026-08-31 99880", "2026-09-30 60", digits=5)) == 180_000


def test_a_small_step_back_is_a_meter_that_went_backwards():
    assert reason(meter("M", "2026-08-31 100", "2026-09-30 99", digits=5)).startswith("meter went backwards")


def test_a_roll_over_of_exactly_half_the_range_is_still_one():
    assert quantity(meter("M", "2026-08-31 50000", "2026-09-30 0", digits=5)) == 50_000_000


def test_a_value_beyond_the_digits_never_makes_a_negative_quantity():
    assert reason(meter("M", "2026-08-31 250000", "2026-09-30 10", digits=5)).startswith(
        "meter went backwards"
    )


def test_the_multiplier_is_applied_to_the_sum_and_rounded_once():
    assert (
        quantity(meter("M", "2026-08-31 0", "2026-09-15 0.333", "2026-09-30 0.667", multiplier="0.5")) == 334
    )


def test_what_was_estimated_is_not_billed_twice():
    one = meter("M", "2026-07-31 100", "2026-08-31 160 estimated", "2026-09-30 150", "2026-10-31 190")

    assert quantity(one, on("2026-08-01"), on("2026-08-31")) == 60_000
    assert quantity(one) == 0
    assert quantity(one, on("2026-10-01"), on("2026-10-31")) == 30_000


def test_an_estimate_holds_over_months_until_the_meter_passes_it():
    one = meter("M", "2026-06-30 200 estimated", "2026-07-31 150", "2026-08-31 180", "2026-09-30 190")

    assert quantity(one) == 0


def test_reaching_the_estimate_is_not_passing_it():
    one = meter("M", "2026-06-30 200 estimated", "2026-07-31 200", "2026-08-31 195", "2026-09-30 210")

    assert quantity(one) == 10_000


def test_after_passing_the_estimate_a_lower_reading_goes_backwards():
    one = meter("M", "2026-06-30 200 estimated", "2026-07-31 210", "2026-08-31 211", "2026-09-30 190")

    assert reason(one).startswith("meter went backwards from 211.000 to 190.000")


def test_a_final_below_the_estimate_counts_as_equal_and_ends_it():
    one = meter(
        "M", "2026-08-31 200 estimated", "2026-09-10 190 final", "2026-09-10 0 initial", "2026-09-30 15"
    )

    assert quantity(one) == 15_000


def test_an_initial_ends_the_estimate():
    one = meter("M", "2026-08-31 200 estimated", "2026-09-10 20 initial", "2026-09-30 50")

    assert quantity(one) == 30_000


def test_a_reading_below_the_estimate_by_more_than_half_the_range_is_a_roll_over():
    assert quantity(meter("M", "2026-08-31 99990 estimated", "2026-09-30 10", digits=5)) == 20_000


def test_a_lower_estimate_after_an_estimate_counts_as_equal_to_it():
    one = meter("M", "2026-07-31 200 estimated", "2026-08-31 180 estimated", "2026-09-30 190")

    assert quantity(one) == 0


def test_an_estimate_as_opening_or_in_the_segments_is_flagged():
    opening = measure(meter("M", "2026-08-31 10 estimated", "2026-09-30 20"), START, END)
    within = measure(meter("M", "2026-08-31 10", "2026-09-30 20 estimated"), START, END)
    before = measure(meter("M", "2026-07-31 5 estimated", "2026-08-31 10", "2026-09-30 20"), START, END)

    assert opening.estimated
    assert within.estimated
    assert not before.estimated


def test_an_estimate_is_offered_from_the_mean_use_of_the_last_periods():
    one = meter("M", "2026-05-31 0", "2026-06-30 100", "2026-07-31 300", "2026-08-31 600", multiplier="2")
    periods = [(Month(2026, number).first, Month(2026, number).last) for number in (6, 7, 8)]

    assert suggested_estimate(one, periods) == 800_000
    assert suggested_estimate(meter("M", "2026-08-31 600"), periods) is None


@given(steps=st.lists(st.integers(0, 40_000_000), min_size=1, max_size=40))
def test_readings_in_between_never_change_what_a_meter_measured(steps):
    values, total = [99_000_000], 99_000_000
    for step in steps:
        total += step
        values.append(total % 10**8)
    days = [on("2026-08-31"), *(on(f"2026-09-{5 + i // 2:02d}") for i in range(len(steps)))]
    readings = {}
    for day, value, step in zip(days[1:], values[1:], steps, strict=True):
        readings[day] = (value, readings.get(day, (0, 0))[1] + step)
    kept = [Reading(days[0], REGULAR, values[0])]
    kept += [Reading(day, REGULAR, value) for day, (value, _step) in readings.items()]
    if any(step * 2 > 10**8 for _value, step in readings.values()):
        return

    assert quantity(Meter("M", tuple(kept), digits=5)) == sum(steps)

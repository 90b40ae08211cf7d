import pytest

from billing.blocks import Block
from billing.charges import ChargeTerm, Correction, charges, correction, is_above_residential
from billing.money import text
from portal.months import Month
from tests.billing.values import fen, on

OCTOBER = Month.parse("2026-10")


def lump(amount="600.00", from_month=""):
    return ChargeTerm("A", "lump_sum", monthly_amount=fen(amount), from_month=from_month)


def fee(rate, area_m2=None):
    return ChargeTerm("A", "property_fee", area_m2=area_m2, rate=rate)


def charged(terms, active=31, area_m2=None):
    return [
        (row.kind, text(row.amount), row.fund)
        for row in charges(OCTOBER, terms, active=active, area_m2=area_m2)
    ]


def test_a_lump_sum_is_paid_by_the_days_of_the_month():
    assert charged([lump()]) == [("lump_sum", "600.00", "utility")]
    assert charged([lump()], active=21) == [("lump_sum", "406.45", "utility")]


def test_a_property_fee_is_area_times_rate_and_goes_to_its_own_fund():
    assert charged([fee(15_000, 26_000)]) == [("property_fee", "390.00", "property")]


def test_a_property_fee_takes_the_agreement_s_area_where_it_has_none():
    assert charged([fee(12_000)], area_m2=9_000) == [("property_fee", "108.00", "property")]


def test_a_property_fee_without_any_area_is_blocked():
    (blocked,) = charges(OCTOBER, [fee(12_000)], active=31, area_m2=None)

    assert isinstance(blocked, Block)
    assert blocked.reason == "agreement A has no area for its property fee"


@pytest.mark.parametrize("term", [ChargeTerm("A", "lump_sum"), ChargeTerm("A", "property_fee", area_m2=1)])
def test_terms_without_their_figure_are_blocked(term):
    (blocked,) = charges(OCTOBER, [term], active=31, area_m2=None)

    assert isinstance(blocked, Block)


def test_who_was_not_there_is_charged_nothing():
    assert charged([lump(), fee(12_000, 100)], active=0) == []


def test_the_newest_terms_not_after_the_month_apply():
    terms = [lump("180.00"), lump("200.00", "2026-10"), lump("999.00", "2026-11")]

    assert charged(terms) == [("lump_sum", "200.00", "utility")]


def test_terms_that_begin_later_charge_nothing_yet():
    assert charged([lump("1.00", "2026-11")]) == []


def test_a_correction_is_charged_as_decided_to_its_fund():
    row = correction(
        Correction("TF-K1", "TF-A3", on("2026-10-08"), fen("-30.00"), "utility", "9月包干多收退还")
    )

    assert (row.kind, row.ref, text(row.amount), row.fund) == ("correction", "TF-K1", "-30.00", "utility")


def test_a_rate_above_the_residential_one_is_told():
    assert is_above_residential(15_001, 15_000)
    assert not is_above_residential(15_000, 15_000)
    assert not is_above_residential(99_999, None)

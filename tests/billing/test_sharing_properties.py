from random import Random

from hypothesis import given
from hypothesis import strategies as st

from billing.money import round_half_away
from billing.sharing import share_bill, take_back
from billing.sharing_values import Bill, BillSharing, Occupant, Price, Rule, Terms
from tests.billing.values import on, shared, used


@st.composite
def situations(draw):
    """A bill, its agreements, meters and rule under residual = share, whatever they agreed."""
    occupants, meters = [], []
    for number in range(draw(st.integers(0, 6))):
        ref = f"A{number}"
        method = draw(st.sampled_from(["submeter", "shared", "lump_sum", "by_law"]))
        agreed = None
        if method != "by_law":
            agreed = Terms(
                method,
                weight=draw(st.integers(0, 10**7)),
                position_factor=draw(st.sampled_from([5000, 10_000, 12_500])),
                price_class=draw(st.sampled_from(["residential", "cost"])),
                subsidy_percent=draw(st.sampled_from([0, 333_333, 1_000_000])),
                subsidy_fund="grant",
            )
        start = draw(st.sampled_from(["2026-01-01", "2026-09-11", "2026-09-30"]))
        occupants.append(Occupant(ref, on(start), None, draw(st.integers(0, 10**6)), agreed))
        if method != "by_law":
            meters.append(used(f"M{number}", str(draw(st.integers(0, 500))), ref))
    shared_rule = Rule(community_weight=draw(st.integers(0, 10**6)), over_measured="scale")
    amount = draw(st.integers(-(10**7), 10**7))
    quantity = draw(st.one_of(st.none(), st.integers(0, 3 * 10**6)))
    one = Bill("B", "electricity", on("2026-09-01"), on("2026-09-30"), amount, quantity)
    return one, occupants, meters, shared_rule


@given(situation=situations(), unit_price=st.integers(0, 20_000))
def test_shares_add_up_to_the_bill_and_the_master_meter(situation, unit_price):
    one, occupants, meters, agreed = situation

    sharing = shared(share_bill(one, occupants, meters, rule=agreed, price=Price(unit_price)))

    assert sum(share.gross for share in sharing.shares) == one.amount
    assert all(share.amount == share.gross - share.subsidy for share in sharing.shares)
    if one.quantity is not None:
        assert sum(share.quantity for share in sharing.shares) == one.quantity
    assert [share.agreement_ref for share in sharing.shares if share.agreement_ref] == sorted(
        share.agreement_ref for share in sharing.shares if share.agreement_ref
    )
    assert sharing.community.agreement_ref == ""


@given(situation=situations(), unit_price=st.integers(0, 20_000), seed=st.integers())
def test_the_order_of_rows_changes_nothing(situation, unit_price, seed):
    one, occupants, meters, agreed = situation
    first = share_bill(one, occupants, meters, rule=agreed, price=Price(unit_price))

    Random(seed).shuffle(occupants)
    Random(seed).shuffle(meters)

    assert share_bill(one, occupants, meters, rule=agreed, price=Price(unit_price)) == first


@given(situation=situations(), unit_price=st.integers(0, 20_000))
def test_nobody_pays_more_than_the_residential_price_rounding_apart(situation, unit_price):
    one, occupants, meters, agreed = situation
    residential = {
        occupant.ref
        for occupant in occupants
        if occupant.terms is None or occupant.terms.price_class == "residential"
    }

    sharing = shared(share_bill(one, occupants, meters, rule=agreed, price=Price(unit_price)))

    if one.quantity and one.amount > 0:
        for share in sharing.shares:
            if share.agreement_ref in residential:
                assert share.gross <= round_half_away(share.quantity * unit_price, 100_000) + 1


@given(situation=situations())
def test_taking_back_and_sharing_add_up_to_nothing(situation):
    one, occupants, meters, agreed = situation
    sharing = shared(share_bill(one, occupants, meters, rule=agreed, price=Price(5183)))

    back = take_back("R", one.ref, one.utility, sharing.shares)

    assert isinstance(back, BillSharing)
    assert all(a.amount + b.amount == 0 for a, b in zip(sharing.shares, back.shares, strict=True))

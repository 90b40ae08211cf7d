from billing.sharing import share_bill
from tests.billing.values import (
    amounts,
    bill,
    meter,
    occupant,
    price,
    reasons,
    rows,
    rule,
    shared,
    terms,
    used,
)

AT_COST = terms("submeter", price_class="cost")
LOSS = rule(residual="loss")


def test_a_submeter_agreement_without_a_meter_row_is_blocked():
    blocked = share_bill(bill("1.00", "1"), [occupant("A", "10", AT_COST)], [used("M", "1", "other")])

    assert reasons(blocked) == ["no sub-meter"]


def test_a_vacant_room_s_meter_is_the_community_s():
    occupants = [
        occupant("A", "10", AT_COST),
        occupant("V", "10", terms("submeter"), ends="2026-08-31"),
    ]
    meters = [used("M1", "30", "A"), used("M2", "20", "V"), used("M3", "10")]

    assert amounts(shared(share_bill(bill("60.00", "60"), occupants, meters))) == {"A": "30.00", "": "30.00"}


def test_a_community_meter_without_usable_readings_counts_as_nothing():
    meters = [
        used("M1", "30", "A"),
        meter("M2"),
        meter("M3", "2026-08-31 50", "2026-09-30 40"),
    ]

    sharing = shared(share_bill(bill("40.00", "40"), [occupant("A", "10", AT_COST)], meters))

    assert amounts(sharing) == {"A": "30.00", "": "10.00"}
    assert sharing.explanation["unusable"] == ["M2", "M3"]


def test_an_agreement_s_meter_without_closing_reading_blocks():
    metered = [occupant("A", "10", AT_COST), occupant("L", "10", terms("lump_sum"))]

    blocked = share_bill(
        bill("40.00", "40"), metered, [meter("M1", agreement="A"), meter("M2", agreement="L")]
    )

    assert reasons(blocked) == ["no closing reading", "no closing reading"]


def test_all_meters_of_an_agreement_add_up():
    meters = [used("M1", "30", "A"), used("M2", "12", "A")]

    assert (
        amounts(shared(share_bill(bill("60.00", "60"), [occupant("A", "1", AT_COST)], meters)))["A"]
        == "42.00"
    )


def test_a_shared_agreement_s_meter_is_ignored_and_told():
    meters = [used("M1", "30", "A")]

    sharing = shared(share_bill(bill("40.00", "40"), [occupant("A", "10")], meters, price=price("9")))

    assert amounts(sharing) == {"A": "40.00", "": "0.00"}
    assert sharing.explanation["ignored"] == ["M1"]


def test_the_rest_goes_by_weight_on_top_of_what_was_measured():
    occupants = [occupant("A", "10", AT_COST), occupant("B", "30", terms("shared", price_class="cost"))]
    meters = [used("M1", "40", "A"), used("M2", "20")]

    sharing = shared(share_bill(bill("100.00", "100"), occupants, meters, rule=rule(community_weight="10")))

    assert rows(sharing) == [
        "A,40.000,40.00,0.00,40.00,",
        "B,30.000,30.00,0.00,30.00,",
        ",30.000,30.00,0.00,30.00,",
    ]


def test_the_rest_without_any_weight_is_the_community_s():
    sharing = shared(share_bill(bill("100.00", "100"), [occupant("A", "1", AT_COST)], [used("M", "40", "A")]))

    assert amounts(sharing) == {"A": "40.00", "": "60.00"}


def test_a_lump_sum_with_a_meter_is_measured_and_not_weighed():
    lump = occupant("L", "10", terms("lump_sum", weight="1000"))
    occupants = [lump, occupant("S", "10", terms("shared", weight="1", price_class="cost"))]

    sharing = shared(share_bill(bill("100.00", "100"), occupants, [used("M", "30", "L")]))

    assert amounts(sharing) == {"S": "70.00", "": "30.00"}


def test_a_lump_sum_with_a_weight_takes_its_part_off_its_neighbours():
    occupants = [
        occupant("L", "10", terms("lump_sum", weight="3")),
        occupant("N", "10", terms("lump_sum")),
        occupant("S", "10", terms("shared", weight="1", price_class="cost")),
    ]

    assert amounts(shared(share_bill(bill("100.00", "100"), occupants))) == {"S": "25.00", "": "75.00"}


def test_sub_meters_above_the_master_meter_block():
    blocked = share_bill(bill("1.00", "40"), [occupant("A", "1", AT_COST)], [used("M", "40.5", "A")])

    assert reasons(blocked) == ["sub-meters exceed the master meter by 0.500"]


def test_sub_meters_above_the_master_meter_are_scaled_where_agreed():
    occupants = [occupant("A", "1", AT_COST), occupant("B", "1", AT_COST)]
    meters = [used("M1", "30", "A"), used("M2", "20", "B")]

    sharing = shared(share_bill(bill("40.00", "40"), occupants, meters, rule=rule(over_measured="scale")))

    assert rows(sharing)[:2] == ["A,24.000,24.00,0.00,24.00,", "B,16.000,16.00,0.00,16.00,"]


def test_a_loss_above_its_cap_blocks_unless_the_bill_says_why():
    occupants, meters = [occupant("A", "1", AT_COST)], [used("M", "89", "A")]

    assert reasons(share_bill(bill("1.00", "100"), occupants, meters, rule=LOSS)) == [
        "loss of 11.00 % exceeds the cap"
    ]
    told = bill("1.00", "100", loss_reason="水管漏水，已修")
    assert amounts(shared(share_bill(told, occupants, meters, rule=LOSS)))["A"] == "1.00"


def test_a_loss_of_exactly_its_cap_passes():
    at_cap = share_bill(bill("1.00", "100"), [occupant("A", "1", AT_COST)], [used("M", "90", "A")], rule=LOSS)

    assert shared(at_cap).shares[0].quantity == 100_000


def test_a_loss_with_nothing_measured_is_the_community_s():
    sharing = shared(
        share_bill(bill("9.00", "100"), [occupant("A", "1", AT_COST)], [used("M", "0", "A")], rule=LOSS)
    )

    assert rows(sharing) == ["A,0.000,0.00,0.00,0.00,", ",100.000,9.00,0.00,9.00,"]


def test_loss_leaves_no_room_for_weights():
    occupants = [occupant("A", "10"), occupant("B", "10", terms("shared", weight="1"))]

    blocked = share_bill(bill("1.00", "1"), occupants, rule=LOSS, price=price("2"))

    assert reasons(blocked) == [
        "agreement A shares under residual loss",
        "agreement B shares under residual loss",
    ]


def test_loss_needs_a_quantity():
    blocked = share_bill(bill("1.00"), [occupant("A", "1", AT_COST)], [used("M", "1", "A")], rule=LOSS)

    assert reasons(blocked) == ["residual loss needs a quantity"]


def test_an_estimate_flags_the_share_of_whose_meter_it_is():
    occupants = [
        occupant("A", "1", AT_COST),
        occupant("B", "1", AT_COST),
        occupant("L", "1", terms("lump_sum")),
    ]
    meters = [used("M1", "10", "A", "estimated"), used("M2", "10", "B"), used("M3", "5", "L", "estimated")]

    sharing = shared(share_bill(bill("30.00", "30"), occupants, meters))

    assert [share.flags for share in sharing.shares] == ["estimated", "", ""]
    with_own = shared(share_bill(bill("30.00", "30"), occupants, [*meters, used("M4", "1", "", "estimated")]))
    assert with_own.community.flags == "estimated"

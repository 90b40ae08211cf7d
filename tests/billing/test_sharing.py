import pytest

from billing.sharing import compare_methods, share_bill, take_back
from tests.billing.values import amounts, bill, meter, occupant, price, reasons, rows, rule, shared, terms

METERED = [
    meter("HH-M1", "2026-08-31 10400", "2026-09-30 10920", agreement="HH-A1", digits=5),
    meter("HH-M2", "2026-08-31 5120", "2026-09-30 5430", agreement="HH-A2", digits=5),
    meter("HH-M3", "2026-08-31 99880", "2026-09-30 60", agreement="HH-A3", digits=5),
    meter("HH-M4", "2026-08-31 800", "2026-09-30 970", agreement="HH-A4", digits=5),
]
AT_COST = terms("submeter", price_class="cost")
HUANGHE = [
    occupant(ref, area, AT_COST)
    for ref, area in (("HH-A1", "90"), ("HH-A2", "70"), ("HH-A3", "50"), ("HH-A4", "60"))
]
LOSS = rule(residual="loss")


def test_everything_metered_shares_the_loss_in_proportion():
    sharing = shared(share_bill(bill("640.81", "1286"), HUANGHE, METERED, rule=LOSS))

    assert rows(sharing) == [
        "HH-A1,566.712,282.39,0.00,282.39,",
        "HH-A2,337.847,168.35,0.00,168.35,",
        "HH-A3,196.170,97.75,0.00,97.75,",
        "HH-A4,185.271,92.32,0.00,92.32,",
        ",0.000,0.00,0.00,0.00,",
    ]


def test_a_ceiling_a_subsidy_and_the_community_by_area():
    occupants = [
        occupant("DJ-A1", "260", terms("shared", weight="260", frequency_factor="1.25")),
        occupant(
            "DJ-A2",
            "310",
            terms(
                "shared",
                weight="310",
                subsidy_percent="50",
                subsidy_until="2026-09-30",
                subsidy_fund="grant",
            ),
        ),
        occupant("DJ-A3", "90", terms("shared", weight="90")),
    ]

    sharing = shared(
        share_bill(
            bill("3174.40", "5120"), occupants, rule=rule(community_weight="420"), price=price("0.5183")
        )
    )

    assert rows(sharing) == [
        "DJ-A1,1453.275,753.23,0.00,753.23,capped",
        "DJ-A2,1386.201,718.47,359.24,359.23,capped|subsidised",
        "DJ-A3,402.445,208.59,0.00,208.59,capped",
        ",1878.079,1494.11,0.00,1494.11,",
    ]
    assert sharing.shares[1].subsidy_fund == "grant"


def test_head_count_shares_water():
    occupants = [
        occupant("DJ-A1", "260", terms("shared", weight="60")),
        occupant("DJ-A2", "310", terms("shared", weight="45")),
        occupant("DJ-A3", "90", terms("shared", weight="8")),
    ]
    by_heads = rule(basis="headcount", community_weight="25")

    sharing = shared(share_bill(bill("908.70", "233"), occupants, rule=by_heads, price=price("3.90")))

    assert amounts(sharing) == {"DJ-A1": "395.09", "DJ-A2": "296.31", "DJ-A3": "52.68", "": "164.62"}


def test_without_terms_an_agreement_shares_by_area_by_law():
    occupants = [occupant("LY-A1", "240"), occupant("LY-A2", "150")]

    sharing = shared(share_bill(bill("979.59", "1890"), occupants, price=price("0.5183")))

    assert rows(sharing) == [
        "LY-A1,1163.077,602.82,0.00,602.82,by_law",
        "LY-A2,726.923,376.77,0.00,376.77,by_law",
        ",0.000,0.00,0.00,0.00,",
    ]


def test_what_lump_sums_use_is_the_community_s_and_they_get_no_row():
    occupants = [occupant("TF-A1", "36", terms("lump_sum")), occupant("TF-A3", "24", terms("lump_sum"))]

    assert rows(shared(share_bill(bill("1197.27", "2310"), occupants))) == [",2310.000,1197.27,0.00,1197.27,"]


def test_methods_stand_side_by_side():
    equipment = {"HH-A1": 1248, "HH-A2": 495, "HH-A3": 360, "HH-A4": 468}

    compared = compare_methods(
        bill("640.81", "1286"), HUANGHE, METERED, weights={"equipment": equipment, "hours": {"HH-A1": 8}}
    )

    assert list(amounts(shared(compared["submeter"])).values()) == [
        "282.39",
        "168.35",
        "97.75",
        "92.32",
        "0.00",
    ]
    assert list(amounts(shared(compared["area"])).values()) == [
        "213.60",
        "166.14",
        "118.67",
        "142.40",
        "0.00",
    ]
    assert list(amounts(shared(compared["equipment"])).values()) == [
        "311.06",
        "123.37",
        "89.73",
        "116.65",
        "0.00",
    ]
    assert "agreement HH-A2 has no weight" in reasons(compared["hours"])
    assert "points" not in compared


# Who takes part


def test_only_agreements_active_in_the_period_with_terms_or_an_area_take_part():
    occupants = [
        occupant("A-ended", "10", ends="2026-08-31"),
        occupant("B-later", "10", starts="2026-10-01"),
        occupant("C-nothing"),
        occupant("D-area", "10"),
        occupant("E-terms", None, terms("shared", weight="10")),
    ]

    assert amounts(shared(share_bill(bill("1.00", "1"), occupants, price=price("2")))) == {
        "D-area": "0.50",
        "E-terms": "0.50",
        "": "0.00",
    }


def test_weights_count_the_days_of_the_period():
    occupants = [occupant("A", "10", starts="2026-09-16"), occupant("B", "10")]

    assert amounts(shared(share_bill(bill("30.00", "30"), occupants, price=price("5")))) == {
        "A": "10.00",
        "B": "20.00",
        "": "0.00",
    }


@pytest.mark.parametrize("basis", ["headcount", "hours", "equipment", "points"])
def test_an_area_stands_in_for_a_weight_only_where_the_basis_is_area(basis):
    occupants = [occupant("A", "10"), occupant("B", "20", terms("shared"))]

    blocked = share_bill(bill("1.00", "1"), occupants, rule=rule(basis=basis), price=price("2"))

    assert reasons(blocked) == ["agreement A has no weight", "agreement B has no weight"]


def test_shared_without_weight_and_area_is_blocked():
    blocked = share_bill(bill("1.00", "1"), [occupant("A", None, terms("shared"))], price=price("2"))

    assert reasons(blocked) == ["agreement A has no weight"]


def test_a_weight_of_nothing_is_a_weight():
    occupants = [
        occupant("A", "10", terms("shared", weight="0")),
        occupant("B", "20", terms("shared", weight="1")),
    ]

    assert amounts(shared(share_bill(bill("1.00", "1"), occupants, price=price("2")))) == {
        "A": "0.00",
        "B": "1.00",
        "": "0.00",
    }


def test_terms_without_weight_share_by_area_but_not_by_law():
    sharing = shared(share_bill(bill("1.00", "1"), [occupant("A", "10", terms("shared"))], price=price("2")))

    assert sharing.shares[0].flags == ""


# Money


def test_a_bill_without_quantity_is_shared_by_weight_and_measures_nothing():
    occupants = [
        occupant("A", "30", terms("shared")),
        occupant("B", "10", terms("shared", subsidy_percent="10")),
        occupant("M", "10", terms("submeter")),
    ]
    heating = bill("100.00", utility="heating")

    sharing = shared(share_bill(heating, occupants, rule=rule(community_weight="40")))

    assert rows(sharing) == [
        "A,,37.50,0.00,37.50,",
        "B,,12.50,1.25,11.25,subsidised",
        "M,,0.00,0.00,0.00,",
        ",,50.00,0.00,50.00,",
    ]


def test_a_quantity_of_nothing_is_paid_by_weight():
    sharing = shared(share_bill(bill("10.00", "0"), [occupant("A", "30"), occupant("B", "10")]))

    assert rows(sharing) == [
        "A,0.000,7.50,0.00,7.50,by_law",
        "B,0.000,2.50,0.00,2.50,by_law",
        ",0.000,0.00,0.00,0.00,",
    ]


def test_a_bill_nobody_weighs_for_is_the_community_s():
    assert rows(shared(share_bill(bill("10.00"), []))) == [",,10.00,0.00,10.00,"]


def test_a_bill_at_the_residential_price_is_not_capped():
    occupants = [occupant("A", "10"), occupant("B", "10"), occupant("C", "10")]

    sharing = shared(share_bill(bill("51.83", "100"), occupants, price=price("0.5183")))

    assert [share.flags for share in sharing.shares] == ["by_law", "by_law", "by_law", ""]
    assert sharing.community.gross == 0


def test_only_the_residential_class_is_capped():
    occupants = [occupant("A", "10"), occupant("B", "10", terms("shared", price_class="cost"))]

    sharing = shared(share_bill(bill("200.00", "100"), occupants, price=price("0.5")))

    assert rows(sharing) == [
        "A,50.000,25.00,0.00,25.00,by_law|capped",
        "B,50.000,100.00,0.00,100.00,",
        ",0.000,75.00,0.00,75.00,",
    ]


def test_without_a_residential_price_a_residential_share_blocks():
    assert reasons(share_bill(bill("1.00", "1"), [occupant("A", "10")])) == ["no residential price"]


def test_a_price_is_asked_only_where_it_could_matter():
    lump = [occupant("A", "10", terms("lump_sum"))]
    at_cost = [occupant("A", "10", terms("shared", price_class="cost"))]

    for nobody in (lump, at_cost):
        assert shared(share_bill(bill("1.00", "1"), nobody))
    for harmless in (bill("-1.00", "1"), bill("0.00", "1"), bill("1.00"), bill("1.00", "0")):
        assert shared(share_bill(harmless, [occupant("A", "10")]))


def test_a_credit_is_shared_and_its_subsidy_taken_back():
    agreed = terms("shared", subsidy_percent="50", subsidy_fund="grant")

    sharing = shared(share_bill(bill("-100.01", "5"), [occupant("A", "10", agreed)]))

    assert rows(sharing) == ["A,5.000,-100.01,-50.01,-50.00,subsidised", ",0.000,0.00,0.00,0.00,"]


def test_a_subsidy_ends_with_its_day():
    agreed = terms("shared", subsidy_percent="50", subsidy_until="2026-09-29")

    sharing = shared(share_bill(bill("1.00", "5"), [occupant("A", "10", agreed)], price=price("9")))

    assert sharing.shares[0].flags == ""


def test_ties_go_to_the_smaller_ref_by_code_point_and_the_community_is_last():
    occupants = [occupant("a", "1"), occupant("B", "1")]

    sharing = shared(share_bill(bill("0.01"), occupants, rule=rule(community_weight="1")))

    assert amounts(sharing) == {"B": "0.01", "a": "0.00", "": "0.00"}


# Correcting a posted bill


def test_a_taking_back_negates_every_row():
    posted = shared(
        share_bill(bill("460.20", "118"), [occupant("A", "240"), occupant("B", "150")], price=price("3.9"))
    )

    back = shared(take_back("B-R", "B", "electricity", posted.shares))

    assert rows(back) == [
        "A,-72.615,-283.20,0.00,-283.20,reversal",
        "B,-45.385,-177.00,0.00,-177.00,reversal",
        ",0.000,0.00,0.00,0.00,reversal",
    ]
    assert (back.amount, back.quantity) == (-posted.amount, -118_000)


def test_a_taking_back_returns_subsidies_to_their_fund():
    agreed = terms("shared", subsidy_percent="50", subsidy_fund="grant")
    posted = shared(share_bill(bill("100.00"), [occupant("A", "10", agreed)]))

    back = shared(take_back("B-R", "B", "electricity", posted.shares))

    assert back.quantity is None
    assert (back.shares[0].subsidy, back.shares[0].subsidy_fund) == (-5000, "grant")


def test_a_bill_not_posted_cannot_be_taken_back():
    assert reasons(take_back("B-R", "B", "electricity", None)) == ["bill B is not posted"]


def test_all_blocks_of_a_bill_are_told_at_once_whatever_the_order():
    occupants = [occupant("A", "1", terms("submeter")), occupant("B", None, terms("shared"))]

    blocked = share_bill(bill("1.00", "1"), occupants)

    assert reasons(blocked) == ["no residential price", "no sub-meter", "agreement B has no weight"]
    assert blocked == share_bill(bill("1.00", "1"), occupants[::-1])

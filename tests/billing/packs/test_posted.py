"""What is posted is never touched by a pack; the same rows again are no change."""

import pytest

from billing import closing
from billing.models import MonthClose, Reading
from tests.billing.packs.making import (
    BILL,
    HUANGHE,
    LIYUAN,
    MOVEMENTS,
    STANDING,
    bring_in,
    everything,
    post_month,
    refused_tables,
)
from tests.factories.places import CommunityFactory

FEE = {"charge_terms": [{"agreement_ref": "A1", "kind": "lump_sum", "monthly_amount": "180"}]}
FULL = STANDING | MOVEMENTS | FEE


@pytest.fixture
def _posted(tmp_path):
    bring_in(tmp_path, FULL)
    post_month()


@pytest.mark.usefixtures("_posted")
def test_the_same_pack_after_posting_changes_nothing(tmp_path):
    before = everything()

    report = bring_in(tmp_path, FULL)

    assert (report.added, report.changed) == (0, 0)
    assert everything() == before


@pytest.mark.usefixtures("_posted")
@pytest.mark.parametrize("table", ["topups", "transfers", "corrections", "receipts", "payments"])
def test_a_posted_movement_stays(tmp_path, table):
    [told] = refused_tables(tmp_path, {table: [MOVEMENTS[table][0] | {"amount": "7.77"}]})

    assert told == (
        table,
        2,
        "amount",
        "7.77",
        "已入 2026-09 的账，不能再改；要更正，请用新编号另录一笔。",
    )


@pytest.mark.usefixtures("_posted")
def test_a_posted_bill_stays_and_the_way_to_correct_it_is_told(tmp_path):
    [told] = refused_tables(tmp_path, {"bills": [BILL | {"quantity": "1285"}]})

    assert told[:4] == ("bills", 2, "quantity", "1285.000")
    assert "corrects 填 B1" in told[4]

    back = {"ref": "B2", "facility_ref": "F1", "utility": "electricity", "corrects": "B1"}
    assert bring_in(tmp_path, {"bills": [back, BILL | {"ref": "B3", "quantity": "1285"}]}).added == 2


@pytest.mark.usefixtures("_posted")
@pytest.mark.parametrize("fund", ["grant", "donation"])
def test_opening_balances_are_given_before_the_first_posted_month(tmp_path, fund):
    row = MOVEMENTS["opening_balances"][0] | {"fund": fund, "amount": "7"}

    problems = refused_tables(tmp_path, {"opening_balances": [row]})

    assert problems[-1][4] == "2026-09 已入账；期初余额只能在第一次结账前填，之后请录资金补入或划转。"


@pytest.mark.usefixtures("_posted")
def test_readings_up_to_the_posted_month_stay_and_new_ones_are_taken(tmp_path):
    old = STANDING["readings"][0]

    [told] = refused_tables(tmp_path, {"readings": [old | {"value": "521"}]})
    report = bring_in(
        tmp_path,
        {
            "readings": [
                old,
                old | {"kind": "estimated", "value": "9"},
                old | {"read_on": "2026-08-31", "value": "1"},
                old | {"read_on": "2026-10-31", "value": "600"},
            ]
        },
    )

    assert told == (
        "readings",
        2,
        "value",
        "521.000",
        "2026-09 已入账，这个读数（原为 520.000）不能再改；可以新加一条读数。",
    )
    assert (report.added, report.unchanged) == (3, 1)
    assert bring_in(tmp_path, {"readings": [old | {"read_on": "2026-10-31", "value": "601"}]}).changed == 1
    assert Reading.objects.count() == 4


@pytest.mark.usefixtures("_posted")
def test_nothing_posted_moves_to_another_place(tmp_path):
    stays = "它已有入账的数据，不能改到别处"
    facility = STANDING["facilities"][0] | {"community_code": LIYUAN}
    other = STANDING["facilities"][0] | {"ref": "F2"}

    [told] = refused_tables(tmp_path, {"facilities": [facility]})
    assert told[:3] == ("facilities", 2, "community_code")
    assert told[4].startswith(stays)
    moved = {"facilities": [other], "agreements": [STANDING["agreements"][0] | {"facility_ref": "F2"}]}
    [told] = refused_tables(tmp_path, moved)
    assert told[:4] == ("agreements", 2, "facility_ref", "F2")
    assert told[4].startswith(stays)


def test_a_change_under_notice_returns_the_month_to_draft(tmp_path):
    bring_in(tmp_path, FULL | {"communities": [{"code": HUANGHE, "notice_days": "7"}]})
    [outcome] = closing.close_batch("2026-09", [HUANGHE])
    assert outcome.state == "notice"

    bring_in(tmp_path, {"bills": [BILL]})
    assert MonthClose.objects.get().state == "notice"
    bring_in(tmp_path, {"bills": [BILL | {"amount": "641.81"}]})
    assert MonthClose.objects.get().state == "draft"


def test_a_posted_month_of_one_community_leaves_others_free(tmp_path):
    bring_in(tmp_path, FULL)
    post_month()
    CommunityFactory(code=LIYUAN)
    row = MOVEMENTS["opening_balances"][0] | {"community_code": LIYUAN}

    assert bring_in(tmp_path, {"opening_balances": [row]}).added == 1

"""Who brings in a pack writes in their own communities; foreign rows look as if they were not there."""

from billing.models import Revenue
from portal.access import Role
from portal.models import AuditEntry
from services.models import Provider
from tests.billing.packs.making import BILL, HUANGHE, LIYUAN, STANDING, bring_in, refused_tables
from tests.factories.people import UserFactory, staff
from tests.factories.places import CommunityFactory, RegionFactory

OWN = {name: rows for name, rows in STANDING.items() if name != "tariffs"}
NOWHERE = "没有这个编号；请核对，或在数据包的 %s 里补上它。"
USED = "编号已被使用，请换一个编号。"


def clerk_of(code, role=Role.CLERK):
    return staff(role, RegionFactory(code=code))


def test_a_clerk_brings_in_the_own_community(tmp_path):
    clerk = clerk_of(HUANGHE)

    report = bring_in(tmp_path, OWN | {"bills": [BILL]}, by=clerk)

    assert report.added == 7
    assert Provider.objects.get().region_id == HUANGHE
    assert AuditEntry.objects.get(action="pack.imported").by == clerk
    assert bring_in(tmp_path, OWN, by=clerk).unchanged == 6


def test_a_foreign_community_and_price_look_unknown(tmp_path):
    problems = refused_tables(tmp_path, STANDING, by=clerk_of(LIYUAN))

    assert {(file, column) for file, _row, column, _value, _text in problems} == {
        ("communities", "code"),
        ("facilities", "community_code"),
        ("tariffs", "region_code"),
    }
    assert all(told[4].startswith("没有这个") for told in problems)


def test_foreign_rows_are_neither_named_nor_replaced(tmp_path):
    bring_in(tmp_path, STANDING)
    stranger = clerk_of(LIYUAN)
    agreement = {"ref": "A9", "provider_ref": "P1", "facility_ref": "F1"}
    facility = {"ref": "F1", "community_code": LIYUAN}

    problems = refused_tables(tmp_path, {"agreements": [agreement]}, by=stranger)
    assert [told[2:] for told in problems] == [
        ("provider_ref", "P1", NOWHERE % "providers"),
        ("facility_ref", "F1", NOWHERE % "facilities"),
    ]
    assert refused_tables(tmp_path, {"facilities": [facility]}, by=stranger) == [
        ("facilities", 2, "ref", "F1", USED)
    ]
    assert refused_tables(tmp_path, {"providers": STANDING["providers"]}, by=stranger) == [
        ("providers", 2, "ref", "P1", USED)
    ]
    reading = STANDING["readings"][0] | {"value": "1", "read_on": "2026-10-31"}
    [told] = refused_tables(tmp_path, {"readings": [reading]}, by=stranger)
    assert told[4] == NOWHERE % "meters"


def test_a_provider_at_work_elsewhere_is_used_but_not_rewritten(tmp_path):
    bring_in(tmp_path, STANDING)
    CommunityFactory(code=LIYUAN)
    here = {
        "facilities": [{"ref": "F2", "community_code": LIYUAN}],
        "agreements": [{"ref": "A2", "provider_ref": "P1", "facility_ref": "F2"}],
    }
    bring_in(tmp_path, here)
    clerk = clerk_of(LIYUAN)

    assert (
        bring_in(tmp_path, {"agreements": [here["agreements"][0] | {"space": "二楼"}]}, by=clerk).changed == 1
    )
    renamed = STANDING["providers"][0] | {"name": "别的名字"}
    [told] = refused_tables(tmp_path, {"providers": [renamed]}, by=clerk)
    assert told[4] == USED


def test_other_roles_write_nothing(tmp_path):
    for role in (Role.INSPECTOR, Role.OFFICIAL, Role.APPROVER):
        assert refused_tables(tmp_path, OWN, by=clerk_of(HUANGHE, role))


def test_a_region_admin_and_a_superuser_bring_in_what_lies_below(tmp_path):
    assert bring_in(tmp_path, STANDING, by=clerk_of("610000000000", Role.REGION_ADMIN)).added == 7
    assert bring_in(tmp_path, STANDING, by=UserFactory(superuser=True)).unchanged == 7


def test_nobody_verifies_revenue_they_brought_in(tmp_path):
    bring_in(tmp_path, STANDING)
    clerk = clerk_of(HUANGHE)
    row = {"agreement_ref": "A1", "month": "2026-09", "amount": "86431.50"}

    [told] = refused_tables(tmp_path, {"revenue": [row | {"status": "verified"}]}, by=clerk)
    bring_in(tmp_path, {"revenue": [row]}, by=clerk)

    assert told[:4] == ("revenue", 2, "status", "verified")
    assert Revenue.objects.get().submitted_by == clerk

"""A pack comes in whole, however it is packed, and coming in again changes nothing."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from billing.models import Meter, OpeningBalance, Reading, Revenue, SharingRule, TopUp, UtilityBill
from billing.packs import import_pack
from billing.packs.schema import TABLES
from facilities.models import Community, Facility
from portal.models import AuditEntry
from services.models import Agreement, Provider
from tests.billing.packs.making import (
    BILL,
    HUANGHE,
    LIYUAN,
    MOVEMENTS,
    STANDING,
    bring_in,
    cells,
    everything,
    folder,
    text,
    with_row,
    workbook,
    zipped,
)
from tests.factories.places import RegionFactory

DEMO = Path(__file__).parents[3] / "portal/demo/packs"
AT_MIDNIGHT = dt.datetime(2026, 9, 30)  # noqa: DTZ001  (a workbook knows no time zone)
FULL = STANDING | MOVEMENTS


def test_each_row_becomes_a_row_with_the_defaults_of_the_rules(tmp_path):
    report = bring_in(tmp_path, FULL)

    assert (report.added, report.changed, report.unchanged) == (14, 0, 0)
    assert report.communities == [HUANGHE]
    community = Community.objects.get()
    assert (community.households, community.population, community.notice_days) == (2410, None, 0)
    meter = Meter.objects.get()
    assert (meter.community_id, meter.multiplier, meter.digits) == (HUANGHE, Decimal(1), 6)
    agreement = Agreement.objects.get()
    assert (agreement.community_id, agreement.area_m2, agreement.ends_on) == (HUANGHE, Decimal("90.00"), None)
    assert UtilityBill.objects.get().amount == Decimal("640.81")


def test_a_facility_brings_its_community_into_being(tmp_path):
    bring_in(tmp_path, {"facilities": [{"ref": "F1", "community_code": LIYUAN}]})

    community = Community.objects.get()
    assert (community.code, community.name) == (LIYUAN, community.region.name)
    assert Facility.objects.get().name == "F1"


def test_the_same_pack_again_changes_nothing_and_is_recorded(tmp_path):
    bring_in(tmp_path, FULL)
    before = everything()

    report = bring_in(tmp_path, FULL)

    assert (report.added, report.changed, report.unchanged) == (0, 0, 14)
    assert everything() == before
    assert AuditEntry.objects.filter(action="pack.imported").count() == 2


def test_a_known_key_replaces_its_row_whole(tmp_path):
    bring_in(tmp_path, FULL)

    report = bring_in(tmp_path, {"agreements": [{"ref": "A1", "provider_ref": "P1", "facility_ref": "F1"}]})

    assert (report.added, report.changed) == (0, 1)
    agreement = Agreement.objects.get()
    assert (agreement.space, agreement.area_m2, agreement.category, agreement.starts_on) == (
        "",
        None,
        None,
        None,
    )
    assert Provider.objects.get().name == "示例食堂"


def test_a_dry_run_tells_what_would_change_and_writes_nothing(tmp_path):
    before = everything()

    report = bring_in(tmp_path, FULL, dry_run=True)

    assert report.dry_run
    assert report.added == 14
    assert everything() == before
    assert not AuditEntry.objects.filter(action="pack.imported").exists()


def test_folder_zip_and_workbook_say_the_same(tmp_path):
    bring_in(tmp_path, FULL)
    files = {f"{name}.csv": text(cells(rows)) for name, rows in FULL.items()}
    packed = {
        "flat": lambda: zipped(tmp_path, files),
        "in a folder": lambda: zipped(tmp_path, {f"九月/{name}": data for name, data in files.items()}),
        "workbook": lambda: workbook(tmp_path, {name: cells(rows) for name, rows in FULL.items()}),
    }
    for make in packed.values():
        report = import_pack(make())
        assert (report.added, report.changed, report.unchanged) == (0, 0, 14)


def test_a_workbook_holds_numbers_and_dates_as_excel_does(tmp_path):
    bring_in(tmp_path, STANDING)
    rows: dict[str, list[list[Any]]] = {
        "bills": [
            list(BILL),
            ["B1", "F1", "electricity", dt.date(2026, 9, 1), AT_MIDNIGHT, 1286.0, 640.81],
        ],
        "revenue": [["agreement_ref", "month", "amount"], ["A1", dt.date(2026, 9, 1), 86431.5]],
        "topups": [
            ["ref", "community_code", "fund", "date", "amount"],
            [1, int(HUANGHE), "utility", dt.date(2026, 9, 15), 0.1],
        ],
    }

    import_pack(workbook(tmp_path, rows))

    bill = UtilityBill.objects.get()
    assert (bill.period_end, bill.quantity, bill.amount) == (
        dt.date(2026, 9, 30),
        Decimal(1286),
        Decimal("640.81"),
    )
    assert Revenue.objects.get().month == "2026-09"
    topup = TopUp.objects.get()
    assert (topup.ref, topup.amount) == ("1", Decimal("0.10"))


def test_chinese_headers_name_the_same_columns(tmp_path):
    bring_in(tmp_path, FULL)
    for position in (0, -1):
        sheets = {}
        for name, rows in FULL.items():
            header, *body = cells(rows)
            sheets[name] = [[TABLES[name].columns[one].labels[position] for one in header], *body]
        assert import_pack(workbook(tmp_path, sheets)).unchanged == 14


def test_no_two_columns_of_a_file_share_a_label():
    for table in TABLES.values():
        labels = [label for column in table.columns.values() for label in column.labels]
        assert len(labels) == len(set(labels)), table.name


def test_the_template_is_an_empty_pack_with_chinese_headers(tmp_path):
    out = tmp_path / "模板.xlsx"
    call_command("pack_template", out)

    assert import_pack(out).added == 0
    with pytest.raises(CommandError, match="已存在"):
        call_command("pack_template", out)


def test_bom_spaces_blank_lines_and_row_order_do_not_matter(tmp_path):
    path = folder(tmp_path, STANDING)
    file = path / "providers.csv"
    file.write_bytes("\ufeff".encode() + "name,ref\r\n\r\n 示例食堂 , P1 \r\n,,\r\n".encode())

    import_pack(path)

    assert Provider.objects.get().name == "示例食堂"


def test_what_is_odd_but_possible_is_taken(tmp_path):
    odd = {
        "agreements": [
            *STANDING["agreements"],
            {"ref": "A2", "provider_ref": "P1", "facility_ref": "F1", "ends_on": "9999-12-31"},
            {"ref": "A3", "provider_ref": "P1", "facility_ref": "F1"},
        ],
        "revenue": [{"agreement_ref": "A1", "month": "2025-01", "amount": "-5"}],
        "meters": [
            *STANDING["meters"],
            {"ref": "M2", "facility_ref": "F1", "utility": "gas", "role": "master"},
        ],
        "bills": [BILL | {"amount": "-640.81", "quantity": ""}],
        "transfers": [MOVEMENTS["transfers"][0] | {"to_fund": "grant", "amount": "0"}],
        "facilities": [
            STANDING["facilities"][0]
            | {"longitude": "108.94641234567", "latitude": "34.26", "datum": "WGS-84"}
        ],
    }

    bring_in(tmp_path, STANDING | odd)

    assert Agreement.objects.count() == 3
    assert Facility.objects.get().longitude == Decimal("108.946412")


def test_agreements_change_places_and_follow_each_other_in_one_pack(tmp_path):
    two = [STANDING["agreements"][0], STANDING["agreements"][0] | {"ref": "A2", "space": "直播间"}]
    bring_in(tmp_path, STANDING | {"agreements": two})

    bring_in(tmp_path, {"agreements": [two[0] | {"space": "直播间"}, two[1] | {"space": "共享食堂"}]})

    assert dict(Agreement.objects.values_list("ref", "space")) == {"A1": "直播间", "A2": "共享食堂"}
    handed_over = [
        two[0] | {"space": "直播间", "ends_on": "2026-09-30"},
        two[0] | {"ref": "A3", "space": "直播间", "starts_on": "2026-10-01"},
    ]
    assert bring_in(tmp_path, {"agreements": handed_over}).added == 1


def test_what_belongs_to_a_facility_moves_with_it(tmp_path):
    bring_in(tmp_path, FULL | {"revenue": [{"agreement_ref": "A1", "month": "2026-09", "amount": "5"}]})

    report = bring_in(tmp_path, {"facilities": with_row("facilities", community_code=LIYUAN)["facilities"]})

    assert report.communities == [HUANGHE, LIYUAN]
    for name in ("agreements", "meters", "bills", "revenue", "corrections", "payments"):
        assert TABLES[name].model._default_manager.values_list("community_id", flat=True).get() == LIYUAN, (
            name
        )


def test_a_bill_and_its_taking_back_come_in_together(tmp_path):
    back = {"ref": "B0", "facility_ref": "F1", "utility": "electricity", "corrects": "B1"}

    bring_in(tmp_path, STANDING | {"bills": [back, BILL]})

    assert UtilityBill.objects.get(corrects__ref="B1").ref == "B0"


def test_terms_without_a_month_apply_from_the_start(tmp_path):
    bring_in(tmp_path, STANDING | {"sharing_rules": [{"facility_ref": "F1", "utility": "electricity"}]})

    rule = SharingRule.objects.get()
    assert (rule.from_month, rule.basis, rule.loss_cap_percent) == ("", "area", Decimal(10))


def test_the_command_tells_what_it_did(tmp_path, capsys):
    call_command("import_pack", folder(tmp_path, STANDING), "--dry-run")
    call_command("import_pack", folder(tmp_path, STANDING))

    told = capsys.readouterr().out.splitlines()
    assert told[0] == "communities：新增 1，更改 0，不变 0"
    assert told[7] == "试导入，什么都没有写入：新增 7，更改 0，不变 0。"
    assert told[-1] == "已导入：新增 7，更改 0，不变 0。"


def test_the_command_lists_every_problem_and_fails(tmp_path):
    path = folder(tmp_path, with_row("readings", value="NaN", read_on="2026-02-30"))

    with pytest.raises(CommandError) as told:
        call_command("import_pack", path)

    assert str(told.value).splitlines() == [
        "readings 第 2 行 read_on “2026-02-30”：日期写成 2026-09-30 的样子，并且那一天要存在。",
        "readings 第 2 行 value “NaN”：不是普通数字：写成 1234.50 的样子，不用逗号、单位、科学计数法或全角数字。",
        "共 2 处问题，整个数据包没有导入，什么都没有改动。请改好后再导入。",
    ]


@pytest.mark.parametrize("month", ["2026-09", "2026-10"])
def test_the_demo_packs_come_in(month):
    for code in ("610102008007", "610116001060"):
        RegionFactory(code=code)
    import_pack(DEMO / "2026-09")

    again = import_pack(DEMO / month)

    assert (again.added > 0) == (month == "2026-10")
    assert import_pack(DEMO / month).changed == 0


def test_queries_do_not_grow_with_the_rows(tmp_path, django_assert_max_num_queries):
    days = [dt.date(2020, 1, 1) + dt.timedelta(days) for days in range(2000)]
    readings = [
        {"meter_ref": "M1", "read_on": day, "kind": "regular", "value": number}
        for number, day in enumerate(days)
    ]

    with django_assert_max_num_queries(60):
        bring_in(tmp_path, STANDING | {"readings": readings})

    assert Reading.objects.count() == 2000
    assert not OpeningBalance.objects.exists()

"""What the rules refuse in a pack: told by file, row, column, value and reason; nothing is written."""

import pytest

from tests.billing.packs.making import (
    BILL,
    HUANGHE,
    LIYUAN,
    STANDING,
    bring_in,
    folder,
    refused,
    refused_tables,
    with_row,
)

NUMBER = "不是普通数字：写成 1234.50 的样子，不用逗号、单位、科学计数法或全角数字。"
DATE = "日期写成 2026-09-30 的样子，并且那一天要存在。"
MONTH = "月份写成 2026-09 的样子。"
NEGATIVE = "不能为负。"
MISSING = "这一格必须填。"
CONTROL = "含有控制字符、看不见的字符或换行，请删去。"
TIERS = "分档写成 50000:0.03|100000:0.05|*:0.08 的样子：上限从小到大，最后一档是 *。"


@pytest.mark.parametrize(
    ("table", "column", "value", "text"),
    [
        ("communities", "code", "6101020020060", "地区代码是 12 位半角数字。"),
        ("communities", "code", "６１０１０２００２００６", "地区代码是 12 位半角数字。"),
        (
            "communities",
            "households",
            "2,410",
            "不是整数：写成 120 的样子，不用小数点、逗号、单位或全角数字。",
        ),
        ("communities", "households", "-1", NEGATIVE),
        ("communities", "notice_days", "99999", "不能大于 32767。"),
        ("facilities", "area_m2", "-270", NEGATIVE),
        ("facilities", "area_m2", "NaN", NUMBER),
        ("facilities", "area_m2", "Infinity", NUMBER),
        ("facilities", "area_m2", "1e5", NUMBER),
        ("facilities", "area_m2", "２７０", NUMBER),
        ("facilities", "area_m2", "270㎡", NUMBER),
        ("facilities", "area_m2", "270.001", "最多 2 位小数。"),
        ("facilities", "area_m2", "99999999999", "数字太大：整数部分最多 10 位。"),
        ("facilities", "name", "营" * 81, "太长：最多 80 个字，这里有 81 个。"),
        ("facilities", "name", "营造\n中心", CONTROL),
        ("facilities", "name", "营造\x07中心", CONTROL),
        ("facilities", "name", "营造\u202e中心", CONTROL),
        ("facilities", "datum", "WGS84", "只能填：WGS-84、GCJ-02、BD-09。"),
        ("facilities", "longitude", "108.9", "经度、纬度和坐标系要一起填。"),
        (
            "providers",
            "kind",
            "个体",
            "只能填：enterprise、self_employed、social_org、self_organisation。",
        ),
        ("agreements", "starts_on", "2026/01/01", DATE),
        ("agreements", "starts_on", "20260101", DATE),
        ("agreements", "starts_on", "2026-02-29", DATE),
        ("agreements", "starts_on", "0026-01-01", "日期不能早于 1900 年。"),
        ("agreements", "ends_on", "2025-12-31", "不能早于开始日期 2026-01-01。"),
        ("agreements", "category", "canteen", "没有这个功能类别。"),
        ("agreements", "provider_ref", "P9", "没有这个编号；请核对，或在数据包的 providers 里补上它。"),
        ("agreements", "facility_ref", "", MISSING),
        ("meters", "utility", "power", "只能填：water、electricity、gas、heating。"),
        ("meters", "multiplier", "-1", NEGATIVE),
        ("meters", "digits", "0", "表的位数在 1 到 12 之间。"),
        ("meters", "role", "", MISSING),
        ("readings", "meter_ref", "M9", "没有这个编号；请核对，或在数据包的 meters 里补上它。"),
        ("readings", "kind", "", MISSING),
        ("readings", "value", "-1", "读数不能为负。"),
        ("readings", "value", "", MISSING),
        ("tariffs", "region_code", "620000000000", "没有这个地区；请核对 12 位代码。"),
        ("tariffs", "unit_price", "-0.5", NEGATIVE),
        (
            "facilities",
            "community_code",
            "610102000000",
            "没有这个社区；请核对 12 位代码，要用社区（村）一级的。",
        ),
    ],
)
def test_a_bad_value_is_told_where_it_stands(tmp_path, table, column, value, text):
    problems = refused_tables(tmp_path, with_row(table, **{column: value}))

    mine = [(told[0], told[1], told[4]) for told in problems if told[2] in (column, "latitude")]
    assert mine[0] == (table, 2, text)
    if value and value.isprintable():
        assert value[:60] in problems[0][3] or column == "longitude"


@pytest.mark.parametrize(
    ("table", "row", "column", "text"),
    [
        ("bills", BILL | {"amount": ""}, "amount", MISSING),
        ("bills", BILL | {"period_end": ""}, "period_end", MISSING),
        ("bills", BILL | {"period_end": "2026-08-31"}, "period_end", "不能早于开始日期 2026-09-01。"),
        (
            "bills",
            BILL | {"quantity": "-3"},
            "quantity",
            "用量不能为负；退费请先冲回原账单，再录正确的账单。",
        ),
        ("utility_terms", {"agreement_ref": "A1", "utility": "water"}, "method", MISSING),
        (
            "utility_terms",
            {"agreement_ref": "A1", "utility": "water", "method": "shared", "weight": "-1"},
            "weight",
            NEGATIVE,
        ),
        (
            "utility_terms",
            {"agreement_ref": "A1", "utility": "water", "method": "shared", "position_factor": "-1"},
            "position_factor",
            NEGATIVE,
        ),
        ("charge_terms", {"agreement_ref": "A1", "kind": "lump_sum", "rate": "1"}, "monthly_amount", MISSING),
        ("charge_terms", {"agreement_ref": "A1", "kind": "property_fee"}, "rate", MISSING),
        (
            "charge_terms",
            {"agreement_ref": "A1", "kind": "correction"},
            "kind",
            "只能填：lump_sum、property_fee。",
        ),
        (
            "charge_terms",
            {"agreement_ref": "A1", "kind": "property_fee", "rate": "1.91"},
            "rate",
            "物业费单价不得高于本小区住宅标准 1.9000 元。",
        ),
        ("rebate_terms", {"ref": "R", "agreement_ref": "A1", "kind": "percent"}, "rate", MISSING),
        ("rebate_terms", {"ref": "R", "agreement_ref": "A1"}, "kind", MISSING),
        (
            "rebate_terms",
            {"ref": "R", "agreement_ref": "A1", "kind": "tiered", "tiers": "9:0.1|5:0.2|*:0.3"},
            "tiers",
            TIERS,
        ),
        (
            "rebate_terms",
            {"ref": "R", "agreement_ref": "A1", "kind": "tiered", "tiers": "*:1e2"},
            "tiers",
            TIERS,
        ),
        ("revenue", {"agreement_ref": "A1", "month": "2026-13", "amount": "1"}, "month", MONTH),
        ("revenue", {"agreement_ref": "A1", "month": "2026-9", "amount": "1"}, "month", MONTH),
        (
            "corrections",
            {"ref": "K", "agreement_ref": "A1", "date": "2026-09-01", "amount": "1"},
            "fund",
            MISSING,
        ),
        (
            "corrections",
            {"ref": "K", "agreement_ref": "A1", "date": "2026-09-01", "amount": "1", "fund": "grant"},
            "fund",
            "只能填：utility、property、welfare。",
        ),
        (
            "payments",
            {"ref": "Y", "bill_ref": "B9", "date": "2026-09-01", "amount": "1"},
            "bill_ref",
            "没有这个编号；请核对，或在数据包的 bills 里补上它。",
        ),
    ],
)
def test_a_row_lacks_or_breaks_what_it_needs(tmp_path, table, row, column, text):
    [told] = refused_tables(tmp_path, STANDING | {table: [row]})

    assert (told[0], told[1], told[2], told[4]) == (table, 2, column, text)


def test_every_problem_of_every_file_is_told_in_one_go(tmp_path):
    tables = with_row("facilities", area_m2="-1", floors="x") | {
        "readings": [
            *STANDING["readings"],
            *STANDING["readings"],
            {"meter_ref": "M9", "read_on": "2026-09-30", "kind": "regular", "value": "1"},
        ],
        "notes": [{"text": "x"}],
    }

    problems = refused_tables(tmp_path, tables)

    assert [(file, row, column) for file, row, column, _value, _text in problems] == [
        ("facilities", 2, "area_m2"),
        ("facilities", 2, "floors"),
        ("readings", 3, "meter_ref、read_on、kind"),
        ("readings", 4, "meter_ref"),
        ("notes.csv", None, ""),
    ]


def test_a_key_twice_names_the_first_row(tmp_path):
    twice = STANDING | {"providers": STANDING["providers"] * 2}

    assert refused_tables(tmp_path, twice) == [
        ("providers", 3, "ref", "P1", "和第 2 行是同一个，只能有一行。")
    ]


def test_unknown_doubled_and_missing_columns_are_told(tmp_path):
    path = folder(tmp_path, STANDING)
    (path / "providers.csv").write_text("ref,名字,name,服务商名称\nP1,a,b,c,d\n", "utf-8")
    (path / "readings.csv").write_text("meter_ref,value\nM1,3\n", "utf-8")

    assert [told[:4] for told in refused(path)] == [
        ("providers", 1, "名字", ""),
        ("providers", 1, "服务商名称", ""),
        ("providers", 2, "", "d"),
        ("readings", 1, "", "read_on、kind"),
    ]


@pytest.mark.parametrize(
    ("spans", "clash"),
    [
        ([("2026-01-01", "2026-06-30"), ("2026-07-01", "")], False),
        ([("2026-01-01", "2026-06-30"), ("2026-06-30", "")], True),
        ([("", ""), ("2026-07-01", "")], True),
        ([("", "2026-06-30"), ("2026-07-01", "2026-07-01")], False),
    ],
)
@pytest.mark.parametrize("is_there", [True, False])
def test_two_agreements_of_one_space_never_run_at_once(tmp_path, spans, clash, is_there):
    rows = [
        STANDING["agreements"][0] | {"ref": ref, "starts_on": start, "ends_on": end}
        for ref, (start, end) in zip(("A1", "A2"), spans, strict=True)
    ]
    tables = STANDING | {"agreements": rows}
    if is_there:
        bring_in(tmp_path, STANDING | {"agreements": rows[:1]})
        tables = {"agreements": rows[1:]}

    if not clash:
        assert bring_in(tmp_path, tables).added
        return
    [told] = refused_tables(tmp_path, tables)
    assert told[2:] == ("space", "共享食堂", "同一空间在这段时间已有另一份协议 A1。")


def test_agreements_without_a_space_or_in_other_facilities_do_not_clash(tmp_path):
    one = STANDING["agreements"][0]
    rows = [one, one | {"ref": "A2", "facility_ref": "F2"}, one | {"ref": "A3", "space": ""}]
    facilities = [STANDING["facilities"][0], STANDING["facilities"][0] | {"ref": "F2"}]

    assert bring_in(tmp_path, STANDING | {"agreements": rows, "facilities": facilities}).added == 10


def test_a_lowered_residential_rate_refuses_the_fee_of_the_same_pack_only(tmp_path):
    fee = {"charge_terms": [{"agreement_ref": "A1", "kind": "property_fee", "rate": "1.80"}]}
    bring_in(tmp_path, STANDING | fee)
    lowered = {"facilities": [STANDING["facilities"][0] | {"residential_property_rate": "1.50"}]}

    [told] = refused_tables(tmp_path, lowered | fee)
    assert told[:3] == ("charge_terms", 2, "rate")
    assert bring_in(tmp_path, lowered).changed == 1


BACK = {"ref": "B2", "facility_ref": "F1", "utility": "electricity", "corrects": "B1"}


@pytest.mark.parametrize(
    ("rows", "column", "text"),
    [
        ([BACK | {"amount": "640.81"}], "amount", "冲回的账单没有自己的账期、用量和金额，请留空。"),
        ([BACK | {"facility_ref": "F2"}], "facility_ref", "冲回的账单要和原账单一致（原为 F1）。"),
        ([BACK | {"utility": "water"}], "utility", "冲回的账单要和原账单一致（原为 electricity）。"),
        ([BACK, BACK | {"ref": "B3"}], "corrects", "这张账单已经由 B2 冲回；一张账单只能冲回一次。"),
        (
            [BACK, BACK | {"ref": "B3", "corrects": "B2"}],
            "corrects",
            "它本身就是冲回单，不能再冲回；请用新的编号录正确的账单。",
        ),
        ([BACK | {"corrects": "B9"}], "corrects", "没有这个编号；请核对，或在数据包的 bills 里补上它。"),
    ],
)
def test_a_bill_is_taken_back_once_where_it_was_without_amounts(tmp_path, rows, column, text):
    facilities = {"facilities": [STANDING["facilities"][0], STANDING["facilities"][0] | {"ref": "F2"}]}
    bring_in(tmp_path, STANDING | facilities | {"bills": [BILL]})

    [told] = refused_tables(tmp_path, {"bills": rows})

    assert (told[2], told[4]) == (column, text)


def test_a_bill_taken_back_before_is_not_taken_back_again(tmp_path):
    bring_in(tmp_path, STANDING | {"bills": [BILL, BACK]})

    [told] = refused_tables(tmp_path, {"bills": [BACK | {"ref": "B3"}]})

    assert told[4] == "这张账单已经由 B2 冲回；一张账单只能冲回一次。"


def test_a_community_code_must_name_a_community(tmp_path):
    row = {"ref": "T", "community_code": "610102002000", "fund": "grant", "date": "2026-09-01", "amount": "1"}

    [told] = refused_tables(tmp_path, {"topups": [row, row | {"ref": "T2", "community_code": HUANGHE}]})

    assert told[:4] == ("topups", 2, "community_code", "610102002000")
    assert LIYUAN not in told[4]

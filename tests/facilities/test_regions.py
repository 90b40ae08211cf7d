import csv
import resource
import time
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from facilities.models import Category, Region
from facilities.models.regions import short_name
from facilities.regions import RegionsRefused, load_regions
from portal.models import AuditEntry

pytestmark = pytest.mark.django_db

COLUMNS_IN_FILE = (
    "code",
    "name",
    "level",
    "level_name",
    "parent_code",
    "urban_rural_code",
    "urban_rural_year",
    "org_kind_by_code",
)
PROVINCE = ["610000000000", "陕西省", "1", "province", "", "", "", ""]
CITY = ["610100000000", "西安市", "2", "city", "610000000000", "", "", ""]
DISTRICT = ["610102000000", "新城区", "3", "district", "610100000000", "", "", ""]
STREET = ["610102002000", "长乐中路街道", "4", "street_town", "610102000000", "", "", ""]
COMMUNITY = ["610102002006", "黄河社区居委会", "5", "community", "610102002000", "111", "", ""]
LIST = [PROVINCE, CITY, DISTRICT, STREET, COMMUNITY]


def write(folder: Path, rows: list[list[str]], header: tuple[str, ...] = COLUMNS_IN_FILE) -> Path:
    path = folder / "regions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def changed(row: list[str], **values: str) -> list[str]:
    return [values.get(name, cell) for name, cell in zip(COLUMNS_IN_FILE, row, strict=True)]


def refused(path: Path) -> list[tuple[int, str, str]]:
    before = Region.objects.count()
    with pytest.raises(RegionsRefused) as told:
        load_regions(path)
    assert Region.objects.count() == before
    return [(one.row, one.code, one.text) for one in told.value.problems]


def test_the_shipped_list_is_all_of_xian_and_loads_twice_without_a_change(capsys):
    call_command("load_regions")
    call_command("load_regions")

    assert capsys.readouterr().out == "地区 3410 个：新增 3410，更新 0。\n地区 3410 个：新增 0，更新 0。\n"
    assert sum(region.is_residents_committee for region in Region.objects.all()) == 1446
    assert list(Region.objects.filter(parent=None).values_list("name", flat=True)) == ["陕西省"]
    assert Region.objects.get(code="610102002000").prefix == "610102002"
    assert AuditEntry.objects.filter(action="load_regions").count() == 1


def test_a_list_may_be_in_any_order_and_stand_on_regions_that_are_there(tmp_path):
    load_regions(write(tmp_path, LIST[2::-1]))

    loaded = load_regions(write(tmp_path, [COMMUNITY, STREET]))

    assert (loaded.added, loaded.changed) == (2, 0)
    assert Region.objects.below("610102000000").count() == 3


def test_a_new_name_changes_the_row_and_nothing_else(tmp_path):
    load_regions(write(tmp_path, LIST))

    loaded = load_regions(write(tmp_path, [*LIST[:4], changed(COMMUNITY, name="黄河社区居民委员会")]))

    assert (loaded.added, loaded.changed) == (0, 1)
    assert Region.objects.get(code=COMMUNITY[0]).name == "黄河社区居民委员会"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"code": "6101020020060"}, "代码不是 12 位数字。"),
        ({"code": "６１０１０２００２００６"}, "代码不是 12 位数字。"),
        ({"name": ""}, "名称为空、超过 60 个字或含有控制字符。"),
        ({"name": "黄" * 61}, "名称为空、超过 60 个字或含有控制字符。"),
        ({"name": "黄河\t社区"}, "名称为空、超过 60 个字或含有控制字符。"),
        ({"name": "黄河\n社区"}, "名称为空、超过 60 个字或含有控制字符。"),
        ({"level": "6"}, "没有这个级别；级别是 1 省、2 市、3 区县、4 街道乡镇、5 社区（村）、9 开发区。"),
        ({"level": ""}, "没有这个级别；级别是 1 省、2 市、3 区县、4 街道乡镇、5 社区（村）、9 开发区。"),
        ({"urban_rural_code": "999"}, "没有这个城乡分类代码。"),
        ({"parent_code": ""}, "没有填上级；只有省级可以没有上级。"),
        ({"parent_code": "610102009000"}, "上级不在这张表里，系统里也没有。"),
        ({"parent_code": COMMUNITY[0]}, "代码不在上级代码之下。"),
        ({"code": "610103002006"}, "代码不在上级代码之下。"),
        ({"level": "4"}, "级别要比上级低。"),
        ({"level": "1"}, "省级没有上级，请留空。"),
    ],
)
def test_a_bad_row_refuses_the_list_and_is_told_by_its_number(tmp_path, values, text):
    bad = changed(COMMUNITY, **values)

    problems = refused(write(tmp_path, [*LIST[:4], bad]))

    assert [told for row, _code, told in problems if row >= 6] == [text]


def test_every_problem_is_told_at_once(tmp_path):
    orphan = changed(COMMUNITY, code="610104004019", parent_code="610104004000")

    problems = refused(write(tmp_path, [*LIST, COMMUNITY, orphan, [*COMMUNITY, "多"]]))

    assert problems == [
        (7, "610102002006", "代码重复：前面已经有同样的代码。"),
        (8, "610104004019", "上级不在这张表里，系统里也没有。"),
        (9, "610102002006", "这一行的列比表头多。"),
    ]


def test_an_unknown_column_and_a_wrong_encoding_are_refused(tmp_path):
    [(row, _code, text)] = refused(write(tmp_path, LIST, (*COLUMNS_IN_FILE[:-1], "备注")))
    assert row == 1
    assert "备注" in text

    path = write(tmp_path, LIST)
    path.write_bytes(path.read_text("utf-8").encode("gbk"))
    assert "UTF-8" in refused(path)[0][2]
    assert refused(tmp_path / "nowhere.csv")


def test_the_command_says_what_is_wrong(tmp_path):
    with pytest.raises(
        CommandError, match=r"第 3 行 610102002006：没有填上级.*\n共 1 处问题，什么都没有写入"
    ):
        call_command("load_regions", write(tmp_path, [PROVINCE, changed(COMMUNITY, parent_code="")]))


@pytest.mark.parametrize(
    ("official", "called"),
    [
        ("黄河社区居委会", "黄河社区"),
        ("太乙宫社区居民委员会", "太乙宫社区"),
        ("电建社区", "电建社区"),
        ("赵村村委会", "赵村村委会"),
    ],
)
def test_a_community_is_called_by_its_short_name(official, called):
    assert short_name(official) == called


def test_nine_functions_roll_up_to_eight_national_groups():
    categories = Category.objects.all()

    assert [category.code for category in categories] == (
        ["elder", "infant", "afterschool", "meal", "household", "health", "fitness", "culture", "play"]
    )
    assert len({category.national_group for category in categories}) == 8
    assert [category.name for category in categories if category.is_urgent] == [
        "养老服务",
        "婴幼儿托育",
        "儿童托管",
        "社区助餐",
    ]


@pytest.mark.prove
def test_a_country_of_480_000_regions_loads_in_two_minutes(tmp_path):
    path = write(tmp_path, list(islice(country(), 480_000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()

    loaded = load_regions(path)

    seconds = time.monotonic() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"480,000 regions: {seconds:.1f} s, {grown} MB more")  # noqa: T201
    assert loaded.added == 480_000
    assert seconds < 120
    assert grown < 200


def country():
    """Rows of a made-up country: provinces 11 … 91, every code below its parent's."""
    for province in range(11, 92):
        yield [f"{province}0000000000", "示例省", "1", "", "", "", "", ""]
        for city in range(1, 21):
            above = f"{province}{city:02}"
            yield [above.ljust(12, "0"), "示例市", "2", "", f"{province}0000000000", "", "", ""]
            for district in range(1, 11):
                inner = f"{above}{district:02}"
                yield [inner.ljust(12, "0"), "示例区", "3", "", above.ljust(12, "0"), "", "", ""]
                for street in range(1, 5):
                    yield from _street(f"{inner}{street:03}", inner)


def _street(prefix, inner):
    yield [prefix.ljust(12, "0"), "示例街道", "4", "", inner.ljust(12, "0"), "", "", ""]
    for community in range(1, 8):
        yield [f"{prefix}{community:03}", "示例社区居委会", "5", "", prefix.ljust(12, "0"), "111", "", ""]

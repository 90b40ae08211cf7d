"""The three centres, and the childcare of 梨园, stand in the demo as the article tells them, room by room."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from facilities.funding import money_of
from facilities.models import Facility, OpeningHours, Project, Site, Space
from facilities.norms import uses_of
from portal.demo import people, projects, rooms, weeks
from portal.demo.people import DIANJIAN, HUANGHE, LIYUAN, TIANFU
from tests.factories import CommunityFactory, ProviderFactory
from tests.test_demo_rooms import shares

pytestmark = pytest.mark.django_db
PACK = Path("portal/demo/packs/2026-09/facilities.csv")
WHERE = {
    "HH-1": (HUANGHE, "新城区", "长乐中路街道", Decimal(270), 1),
    "TF-1": (TIANFU, "长安区", "韦曲街道", Decimal(974), 3),
    "DJ-1": (DIANJIAN, "新城区", "长乐西路街道", Decimal(1500), 3),
    "LY-1": (LIYUAN, "莲湖区", "红庙坡街道", Decimal(620), 2),
}
# Of each house: the floor, the zone or "", the name of the room, its function, and words of what it is for.
TOLD = {
    "HH-1": [
        (1, "户外共享区", "户外共享空间", "culture", "睦邻市集 跳蚤汇"),
        (1, "共享业态区", "共享食堂", "meal", "明厨 堂食 外送"),
        (1, "营造区", "营造工作站", "culture", ""),
        (1, "营造区", "营造工作站·北侧吧台", "culture", "喝茶"),
        (1, "营造区", "营造工作站·南侧书墙", "culture", "看书 开会 学习 画画 托管孩子"),
        (1, "共享业态区", "直播间", "culture", "居民直播 主题"),
        (1, "营造区", "网格工作站", "household", ""),
    ],
    "TF-1": [
        (1, "友邻服务静态区", "服务台", "household", "便民卡"),
        (1, "友邻服务静态区", "书架阅览区", "culture", "看书"),
        (1, "友邻服务静态区", "沙发会客区", "culture", ""),
        (1, "友邻服务静态区", "一楼右侧花店", "culture", "门口 居民开的 全年优惠 插花课"),
        (2, "友邻交流动态区", "多功能厅", "culture", "戏曲 瑜伽"),
        (2, "友邻交流动态区", "多功能厅·东厅", "culture", "瑜伽"),
        (2, "友邻交流动态区", "多功能厅·西厅", "culture", "戏曲"),
        (2, "友邻交流动态区", "茶艺室", "culture", "茶艺"),
        (2, "友邻交流动态区", "插花手工室", "culture", "插花"),
        (2, "友邻交流动态区", "书画室", "culture", "儿童绘画"),
        (3, "友邻共享业态区", "阶梯教室", "culture", ""),
        (3, "友邻共享业态区", "圆桌共享区", "culture", ""),
    ],
    "DJ-1": [
        (1, "", "一楼餐厅", "meal", "社区食堂 合作方出资"),
        (1, "", "医疗站", "health", ""),
        (2, "", "康养中心", "elder", "日间照料"),
        (2, "", "二楼餐厅", "meal", "按需要"),
        (2, "", "儿童之家", "afterschool", ""),
        (3, "", "文体活动室", "fitness", ""),
        (3, "", "电宝梦工厂", "play", "科普"),
        (3, "", "创业陪伴室", "household", "大学生创业 办公位 培训 导师"),
        (3, "", "三楼露台", "fitness", "全龄友好"),
    ],
    "LY-1": [
        (1, "", "托班", "infant", "36 个托位"),
        (1, "", "托班活动室", "infant", ""),
        (1, "", "托班睡眠室", "infant", ""),
        (2, "", "夜校教室", "culture", "夜校"),
    ],
}


@pytest.fixture
def made(settings):
    settings.DEMO = True
    call_command("load_regions", verbosity=0)
    for ref in ("HH-P1", "LY-P1"):
        ProviderFactory(ref=ref)
    with PACK.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            Facility.objects.create(
                ref=row["ref"],
                community=CommunityFactory(code=row["community_code"]),
                name=row["name"],
                area_m2=row["area_m2"],
                floors=row["floors"],
            )
    people.make_people()
    projects.make()
    rooms.make()
    weeks.make()


def test_centres_stand_as_they_are_told(made):
    for ref, (code, district, street, area, floors) in WHERE.items():
        house = Facility.objects.get(ref=ref)
        region = house.community.region
        assert (house.community_id, region.parent.name, region.parent.parent.name) == (code, street, district)
        assert (house.area_m2, house.floors) == (area, floors)

    for ref, told in TOLD.items():
        for floor, zone, name, category, words in told:
            room = Space.objects.select_related("zone").get(facility__ref=ref, name=name)
            assert (room.floor, room.category_id) == (floor, category), name
            assert not zone or room.zone.name == zone, name
            assert all(word in room.uses for word in words.split()), name

    _rooms_fit_their_houses()
    _places_of_the_childcare_are_counted_once()
    _plans_are_as_told()
    _third_floor_of_tianfu_is_little_used()


def _rooms_fit_their_houses():
    """Rooms in the house are no larger than it; a half counts within its whole, the yard and the terrace apart."""
    for ref, (_code, _district, _street, area, floors) in WHERE.items():
        spaces = Space.objects.filter(facility__ref=ref, part_links=None)
        assert sum(room.area_m2 or 0 for room in spaces) <= area
        assert {room.floor for room in spaces} == set(range(1, floors + 1))
    indoor = Space.objects.filter(facility__ref="HH-1", part_links=None)
    assert sum(room.area_m2 or 0 for room in indoor) == 270
    night = OpeningHours.objects.filter(facility__ref="TF-1", kind="night").values_list("space__floor")
    assert (2,) in night


def _places_of_the_childcare_are_counted_once():
    """Who plays in one of its rooms sleeps in the other."""
    uses = uses_of(Facility.objects.get(ref="LY-1"), timezone.localdate())
    assert [use.people for use in uses if use.category == "infant"] == [36]


def _plans_are_as_told():
    huanghe, tianfu, dianjian = (
        Project.objects.get(facility__ref=ref, is_pilot=True) for ref in ("HH-1", "TF-1", "DJ-1")
    )
    first, second = money_of(huanghe)
    payers = [(one.source, one.pledged, one.received, one.is_shared_equally) for one in first.fundings.all()]
    assert payers == [("incubated", Decimal(100_000), Decimal(100_000), True)] * 5
    assert (first.budget, first.area_m2) == (Decimal(500_000), Decimal(270))
    assert first.milestones.filter(done_on=None).count() == 1
    assert "孵化" in second.name
    assert not second.fundings.all()
    for word in (
        "2019 年",
        "康乐社区",
        "已毕业 5 家",
        "在孵 2 家",
        "10 万元",
        "众友社会工作服务中心",
        "7 名",
    ):
        assert word in huanghe.cooperation
    assert "FU在身边" in tianfu.cooperation
    assert Site.objects.get(community=TIANFU, name__contains="书店").state == "negotiating"
    sources = [[one.source for one in phase.fundings.all()] for phase in money_of(dianjian)]
    assert sources == [["savings", "street"], ["operator"]]  # the partner alone pays for the restaurant
    assert "自循环" in dianjian.cooperation


def _third_floor_of_tianfu_is_little_used():
    found = shares("TF-1")
    assert found["3"] * 100 < 10 < 30 < found["2"] * 100

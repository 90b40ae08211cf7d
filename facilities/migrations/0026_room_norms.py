"""The requirements on single rooms, and from when the national ones hold."""

import datetime as dt

from django.db import migrations

GUIDE = "城市社区嵌入式服务设施建设导则（试行），2024 年"
GUIDE_FROM = dt.date(2024, 1, 1)
HALL = "建筑防火规范对老年人公共活动用房的要求（待核）"
NURSERY = "托儿所、幼儿园建筑设计规范 JGJ 39-2016（2019 年版）（待核）"
COMPLETE = "完整居住社区建设标准（试行），建科规〔2020〕7 号（待核）"
PLANNING = "城市居住区规划设计标准 GB 50180-2018（待核）"
PLACES = "2023 年国家托育设施指标，既有社区（待核）"
ELDER = "国家养老服务设施指标，既有社区（待核）"
LUOYANG = "参照洛阳市 2025 年校外托管规定；西安的规定待查"
BARRIER = "无障碍环境建设法（2023 年 9 月 1 日起施行）"

# From when the sources of the rows that are there already hold; the day is not always known.
SINCE = [
    ("城市社区嵌入式服务设施建设导则", GUIDE_FROM),
    ("建筑防火通用规范 GB 55037-2022", dt.date(2023, 6, 1)),
    ("托儿所、幼儿园建筑设计规范", dt.date(2019, 10, 1)),
    ("完整居住社区建设标准", dt.date(2020, 8, 18)),
]

# code, name, measure, category, value, is_required, source, valid_from
NORMS = [
    ("care", "有条件的综合体养老、托育至少有 1 类", "care", None, 1, False, GUIDE, GUIDE_FROM),
    ("infant-upstairs", "2 层以上的托大班不超过 60 人", "people_upstairs", "infant", 60, True, NURSERY, SINCE[2][1]),
    ("infant-places", "每千人 8 个托位", "places_per_1000", "infant", 8, False, PLACES, dt.date(2023, 1, 1)),
    ("elder-high-area", "地下或 4 层以上的老人活动室每间不大于 200 ㎡", "high_room_area", "elder", 200, True, HALL, SINCE[1][1]),
    ("elder-high-people", "地下或 4 层以上的老人活动室每间不多于 30 人", "high_room_people", "elder", 30, True, HALL, SINCE[1][1]),
    ("elder-per-100", "养老用房每百户 15 ㎡以上", "category_per_100", "elder", 15, False, ELDER, None),
    ("afterschool-person", "儿童托管每人 4 ㎡以上", "area_per_person", "afterschool", 4, False, LUOYANG, None),
    ("afterschool-area", "儿童托管不小于 80 ㎡", "category_area", "afterschool", 80, False, LUOYANG, None),
    ("culture-area", "文化活动站不小于 250 ㎡", "category_area", "culture", 250, False, PLANNING, dt.date(2018, 12, 1)),
    ("accessible", "居民用的房间都有无障碍入口", "accessible", None, 100, False, BARRIER, dt.date(2023, 9, 1)),
    ("use-share", "利用率低于 30 % 的空间列为低使用", "use_share", None, 30, False, "本系统的提醒线，可由各地调整", None),
]  # fmt: skip


def add_room_norms(apps, schema_editor):
    Norm = apps.get_model("facilities", "Norm")
    for source, since in SINCE:
        Norm.objects.filter(region=None, source__startswith=source, valid_from=None).update(valid_from=since)
    for code, name, measure, category, value, is_required, source, since in NORMS:
        Norm.objects.create(
            code=code,
            name=name,
            measure=measure,
            category_id=category,
            value=value,
            is_required=is_required,
            source=source,
            valid_from=since,
        )


def remove_room_norms(apps, schema_editor):
    apps.get_model("facilities", "Norm").objects.filter(
        region=None, code__in=[norm[0] for norm in NORMS]
    ).delete()


class Migration(migrations.Migration):
    dependencies = [("facilities", "0025_norm_measures")]

    operations = [migrations.RunPython(add_room_norms, remove_room_norms, elidable=False)]

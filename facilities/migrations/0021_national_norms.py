from django.db import migrations

GUIDE = "城市社区嵌入式服务设施建设导则（试行），2024 年"
FIRE = "建筑防火通用规范 GB 55037-2022 第 4.3.4 条"
NURSERY = "托儿所、幼儿园建筑设计规范 JGJ 39-2016（2019 年版）"
COMPLETE = "完整居住社区建设标准（试行），建科规〔2020〕7 号（待核）"

# code, name, measure, category, value, is_required, source
NORMS = [
    ("complex-area", "综合体一般不小于 600 ㎡", "area", None, 600, True, GUIDE),
    ("complex-area-stretch", "有条件的综合体不小于 800 ㎡", "area_possible", None, 800, False, GUIDE),
    ("functions", "一个综合体原则上有 3 类以上功能", "functions", None, 3, True, GUIDE),
    ("urgent-functions", "养老、托育、儿童托管、助餐中鼓励有 2 类以上", "urgent", None, 2, False, GUIDE),
    ("per-100-households", "每百户 30 ㎡以上", "per_households", None, 30, True, GUIDE),
    ("per-100-households-stretch", "有条件的城市每百户 80 ㎡以上", "per_households", None, 80, False, GUIDE),
    ("infant-lowest", "婴幼儿不在地下", "lowest_floor", "infant", 1, True, FIRE),
    ("infant-highest", "婴幼儿不高于 3 层", "highest_floor", "infant", 3, True, FIRE),
    ("infant-ground", "托育以 1 层为宜", "highest_floor", "infant", 1, False, NURSERY + "（待核）"),
    ("afterschool-lowest", "托管的儿童不在地下", "lowest_floor", "afterschool", 1, True, FIRE),
    ("afterschool-highest", "托管的儿童不高于 3 层", "highest_floor", "afterschool", 3, True, FIRE),
    ("play-lowest", "儿童游憩不在地下", "lowest_floor", "play", 1, True, FIRE),
    ("play-highest", "儿童游憩不高于 3 层", "highest_floor", "play", 3, True, FIRE),
    ("infant-area", "托儿所不小于 200 ㎡", "category_area", "infant", 200, False, COMPLETE),
    ("elder-area", "老年服务站不小于 350 ㎡", "category_area", "elder", 350, False, COMPLETE),
    ("health-area", "社区卫生服务站不小于 120 ㎡", "category_area", "health", 120, False, COMPLETE),
]


def set_national_norms(apps, schema_editor):
    Norm = apps.get_model("facilities", "Norm")
    for code, name, measure, category, value, is_required, source in NORMS:
        Norm.objects.create(
            code=code,
            name=name,
            measure=measure,
            category_id=category,
            value=value,
            is_required=is_required,
            source=source,
        )


def remove_national_norms(apps, schema_editor):
    apps.get_model("facilities", "Norm").objects.filter(
        region=None, code__in=[norm[0] for norm in NORMS]
    ).delete()


class Migration(migrations.Migration):
    dependencies = [("facilities", "0020_sites_projects_norms")]

    operations = [migrations.RunPython(set_national_norms, remove_national_norms, elidable=False)]

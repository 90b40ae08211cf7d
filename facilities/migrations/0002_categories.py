from django.db import migrations

CATEGORIES = [
    ("elder", "养老服务", "养老", "old", True),
    ("infant", "婴幼儿托育", "托育", "baby-carriage", True),
    ("afterschool", "儿童托管", "托育", "school", True),
    ("meal", "社区助餐", "社区助餐", "tools-kitchen-2", True),
    ("household", "家政便民", "家政便民", "tool", False),
    ("health", "健康服务", "健康服务", "stethoscope", False),
    ("fitness", "体育健身", "体育健身", "barbell", False),
    ("culture", "文化休闲", "文化休闲", "book", False),
    ("play", "儿童游憩", "儿童游憩", "horse-toy", False),
]


def nine_functions(apps, schema_editor):
    """Add the nine functions Xi'an counts; the national list has eight, after-school care within childcare."""
    categories = apps.get_model("facilities", "Category").objects.using(schema_editor.connection.alias)
    for position, (code, name, group, icon, urgent) in enumerate(CATEGORIES, start=1):
        categories.update_or_create(
            code=code,
            defaults={
                "name": name,
                "national_group": group,
                "icon": icon,
                "is_urgent": urgent,
                "position": position,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("facilities", "0001_ground")]

    operations = [migrations.RunPython(nine_functions, migrations.RunPython.noop, elidable=False)]

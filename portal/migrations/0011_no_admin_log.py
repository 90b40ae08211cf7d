from django.db import migrations


def forget_names(apps, schema_editor):
    """The admin's own log is kept no longer: it held how people were called, past their erasure."""
    apps.get_model("admin", "LogEntry").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0010_plainer_labels"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [migrations.RunPython(forget_names, migrations.RunPython.noop, elidable=True)]

from django.db import migrations

# Who wrote, and from which page, is told once; the history library's own upsert changes nothing then.
STAYS = """
CREATE FUNCTION history_origin_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history: who wrote a row stays as it was recorded';
END $$;
CREATE TRIGGER history_origin_stays BEFORE UPDATE OR DELETE ON pghistory_context
    FOR EACH ROW EXECUTE FUNCTION history_origin_stays();
"""
MAY_CHANGE = """
DROP TRIGGER history_origin_stays ON pghistory_context;
DROP FUNCTION history_origin_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0003_history"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [migrations.RunSQL(STAYS, MAY_CHANGE)]

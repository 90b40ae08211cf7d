import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.trigger_operations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facilities', '0023_external_calendars_and_providers_bookings'),
        ('portal', '__first__'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='photo',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='photo',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='photo',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='photo',
            name='photo_of_one_thing',
        ),
        migrations.AddField(
            model_name='photo',
            name='space',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='facilities.space', verbose_name='空间'),
        ),
        migrations.AddField(
            model_name='photoevent',
            name='space',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.space', verbose_name='空间'),
        ),
        migrations.AddConstraint(
            model_name='photo',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('facility__isnull', True), ('milestone__isnull', True), ('site__isnull', False), ('space__isnull', True)), models.Q(('facility__isnull', False), ('milestone__isnull', True), ('site__isnull', True), ('space__isnull', True)), models.Q(('facility__isnull', True), ('milestone__isnull', True), ('site__isnull', True), ('space__isnull', False)), models.Q(('facility__isnull', True), ('milestone__isnull', False), ('site__isnull', True), ('space__isnull', True)), _connector='OR'), name='photo_of_one_thing'),
        ),
        portal.trigger_operations.AddTriggers(
            triggers=[('photo', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_photoevent" ("caption", "community_id", "facility_id", "id", "milestone_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "space_id", "uploaded_at", "uploaded_by_id") SELECT new_values."caption", new_values."community_id", new_values."facility_id", new_values."id", new_values."milestone_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."site_id", new_values."space_id", new_values."uploaded_at", new_values."uploaded_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8481551fd12da7de63e7df649b6b3a5e9492384c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f609b', referencing='REFERENCING NEW TABLE AS new_values ', table='facilities_photo', when='AFTER'))), ('photo', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_photoevent" ("caption", "community_id", "facility_id", "id", "milestone_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "space_id", "uploaded_at", "uploaded_by_id") SELECT new_values."caption", new_values."community_id", new_values."facility_id", new_values."id", new_values."milestone_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."site_id", new_values."space_id", new_values."uploaded_at", new_values."uploaded_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."caption" IS DISTINCT FROM (new_values."caption") OR old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."facility_id" IS DISTINCT FROM (new_values."facility_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."milestone_id" IS DISTINCT FROM (new_values."milestone_id") OR old_values."site_id" IS DISTINCT FROM (new_values."site_id") OR old_values."space_id" IS DISTINCT FROM (new_values."space_id") OR old_values."uploaded_at" IS DISTINCT FROM (new_values."uploaded_at") OR old_values."uploaded_by_id" IS DISTINCT FROM (new_values."uploaded_by_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c9776bdaa3563979eef01dd7b2ccf5e0bad5c481', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c5d71', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='facilities_photo', when='AFTER'))), ('photo', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_photoevent" ("caption", "community_id", "facility_id", "id", "milestone_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "space_id", "uploaded_at", "uploaded_by_id") SELECT old_values."caption", old_values."community_id", old_values."facility_id", old_values."id", old_values."milestone_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."site_id", old_values."space_id", old_values."uploaded_at", old_values."uploaded_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a37b78817ac04ce999e93b88422d474ac04c0457', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_8b0ed', referencing='REFERENCING OLD TABLE AS old_values ', table='facilities_photo', when='AFTER')))],
        ),
    ]

import django.db.models.deletion
import pgtrigger.compiler
import portal.trigger_operations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('services', '0002_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('business', '营业执照'), ('food', '食品经营许可证'), ('hygiene', '公共场所卫生许可证'), ('medical', '医疗机构执业许可证'), ('childcare', '托育机构备案'), ('elder_care', '养老机构备案'), ('social_org', '社会组织登记证书'), ('fire', '消防安全检查意见'), ('other', '其他证照')], max_length=12, verbose_name='证照种类')),
                ('number', models.CharField(max_length=64, verbose_name='证照编号')),
                ('issued_by', models.CharField(blank=True, max_length=80, verbose_name='发证机关')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='有效期自')),
                ('valid_until', models.DateField(blank=True, help_text='含当日；长期有效的不填。', null=True, verbose_name='有效期至')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='services.provider', verbose_name='服务商')),
            ],
            options={
                'verbose_name': '证照',
                'verbose_name_plural': '证照',
                'ordering': ['valid_until', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LicenceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('business', '营业执照'), ('food', '食品经营许可证'), ('hygiene', '公共场所卫生许可证'), ('medical', '医疗机构执业许可证'), ('childcare', '托育机构备案'), ('elder_care', '养老机构备案'), ('social_org', '社会组织登记证书'), ('fire', '消防安全检查意见'), ('other', '其他证照')], max_length=12, verbose_name='证照种类')),
                ('number', models.CharField(max_length=64, verbose_name='证照编号')),
                ('issued_by', models.CharField(blank=True, max_length=80, verbose_name='发证机关')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='有效期自')),
                ('valid_until', models.DateField(blank=True, help_text='含当日；长期有效的不填。', null=True, verbose_name='有效期至')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='services.licence')),
                ('provider', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='services.provider', verbose_name='服务商')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='licence',
            index=models.Index(condition=models.Q(('valid_until', None), _negated=True), fields=['valid_until'], name='licence_until'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.UniqueConstraint(fields=('provider', 'kind', 'number'), name='licence_once', violation_error_message='这张证照已经登记过。'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__gte', models.F('valid_from')), ('valid_from', None), ('valid_until', None), _connector='OR'), name='licence_dates_in_order', violation_error_message='有效期结束不能早于开始。'),
        ),
        migrations.AddIndex(
            model_name='licenceevent',
            index=models.Index(fields=['pgh_obj', '-pgh_id'], name='services_li_pgh_obj_22fcd3_idx'),
        ),
        portal.trigger_operations.AddTriggers(
            triggers=[('licence', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_licenceevent" ("id", "issued_by", "kind", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "valid_from", "valid_until") SELECT new_values."id", new_values."issued_by", new_values."kind", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."provider_id", new_values."valid_from", new_values."valid_until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d1c10d19550c78647f73d69dafb95dff1e83870a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_19a61', referencing='REFERENCING NEW TABLE AS new_values ', table='services_licence', when='AFTER'))), ('licence', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_licenceevent" ("id", "issued_by", "kind", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "valid_from", "valid_until") SELECT new_values."id", new_values."issued_by", new_values."kind", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."provider_id", new_values."valid_from", new_values."valid_until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cbb71fa95e7a207d2891eb378e1a31c40dc0fea2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_bee8b', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='services_licence', when='AFTER'))), ('licence', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_licenceevent" ("id", "issued_by", "kind", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "valid_from", "valid_until") SELECT old_values."id", old_values."issued_by", old_values."kind", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."provider_id", old_values."valid_from", old_values."valid_until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='08d4a2893bb36257445c8abc56ec8d9c4bb1e652', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_57ede', referencing='REFERENCING OLD TABLE AS old_values ', table='services_licence', when='AFTER'))), ('licenceevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='566e5973f86e9e4dd33bb13effda867db9d7bd9f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_54a7d', table='services_licenceevent', when='BEFORE')))],
        ),
    ]

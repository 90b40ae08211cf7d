import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.trigger_operations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facilities', '0022_history'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('portal', '__first__'),
        ('services', '0002_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='开始')),
                ('ends_at', models.DateTimeField(verbose_name='结束')),
            ],
            options={
                'verbose_name': '外部占用',
                'verbose_name_plural': '外部占用',
                'ordering': ['starts_at'],
            },
        ),
        migrations.CreateModel(
            name='ExternalCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='如学校排课、物业会议。', max_length=40, verbose_name='名称')),
                ('url', models.URLField(blank=True, help_text='https 开头的 iCal（.ics）地址，每 15 分钟取一次；不填就上传文件。', max_length=500, verbose_name='日历地址')),
                ('fetched_at', models.DateTimeField(editable=False, null=True, verbose_name='上次导入')),
                ('error', models.CharField(blank=True, editable=False, max_length=200, verbose_name='上次没导入的原因')),
                ('clashes', models.JSONField(default=list, editable=False, verbose_name='与预约冲突的时间')),
            ],
            options={
                'verbose_name': '外部日历',
                'verbose_name_plural': '外部日历',
                'ordering': ['space', 'name'],
            },
        ),
        migrations.CreateModel(
            name='ExternalCalendarEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(help_text='如学校排课、物业会议。', max_length=40, verbose_name='名称')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='space',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='space',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='space',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='booking',
            name='provider',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='services.provider', verbose_name='服务商'),
        ),
        migrations.AddField(
            model_name='booking',
            name='request_key',
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name='请求编号'),
        ),
        migrations.AddField(
            model_name='space',
            name='feed_number',
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name='第几个订阅地址'),
        ),
        migrations.AddField(
            model_name='space',
            name='has_feed',
            field=models.BooleanField(default=True, editable=False, verbose_name='日历订阅'),
        ),
        migrations.AddField(
            model_name='spaceevent',
            name='feed_number',
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name='第几个订阅地址'),
        ),
        migrations.AddField(
            model_name='spaceevent',
            name='has_feed',
            field=models.BooleanField(default=True, editable=False, verbose_name='日历订阅'),
        ),
        migrations.AlterField(
            model_name='occupancy',
            name='booking',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='occupancies', to='facilities.booking', verbose_name='预约'),
        ),
        migrations.AlterField(
            model_name='refusedwish',
            name='reason',
            field=models.CharField(choices=[('taken', '已约满'), ('closed', '不开放')], max_length=16, verbose_name='原因'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('request_key', ''), _negated=True), fields=('booked_by', 'request_key'), name='booking_request_once', violation_error_message='这个请求已经处理过。'),
        ),
        migrations.AddField(
            model_name='occupancy',
            name='block',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='occupancies', to='facilities.block', verbose_name='外部占用'),
        ),
        migrations.AddConstraint(
            model_name='occupancy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('block__isnull', False), ('booking', None)), models.Q(('block', None), ('booking__isnull', False)), _connector='OR'), name='occupancy_by_one', violation_error_message='占用要么来自预约，要么来自外部日历。'),
        ),
        migrations.AddField(
            model_name='externalcalendar',
            name='space',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='external_calendars', to='facilities.space', verbose_name='空间'),
        ),
        migrations.AddField(
            model_name='block',
            name='calendar',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='facilities.externalcalendar', verbose_name='外部日历'),
        ),
        migrations.AddField(
            model_name='externalcalendarevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='externalcalendarevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='facilities.externalcalendar'),
        ),
        migrations.AddField(
            model_name='externalcalendarevent',
            name='space',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.space', verbose_name='空间'),
        ),
        migrations.AddConstraint(
            model_name='externalcalendar',
            constraint=models.UniqueConstraint(fields=('space', 'name'), name='externalcalendar_once', violation_error_message='这个空间已有同名的外部日历。'),
        ),
        migrations.AddConstraint(
            model_name='externalcalendar',
            constraint=models.CheckConstraint(condition=models.Q(('url', ''), ('url__startswith', 'https://'), _connector='OR'), name='externalcalendar_over_https', violation_error_message='日历地址要以 https:// 开头。'),
        ),
        migrations.AddConstraint(
            model_name='block',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='block_in_order', violation_error_message='结束要晚于开始。'),
        ),
        migrations.AddIndex(
            model_name='externalcalendarevent',
            index=models.Index(fields=['pgh_obj', '-pgh_id'], name='facilities__pgh_obj_f76f86_idx'),
        ),
        portal.trigger_operations.AddTriggers(
            triggers=[('space', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_spaceevent" ("area_m2", "capacity", "category_id", "community_id", "equipment", "facility_id", "feed_number", "floor", "has_feed", "id", "is_accessible", "is_public", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "uses", "zone_id") SELECT new_values."area_m2", new_values."capacity", new_values."category_id", new_values."community_id", new_values."equipment", new_values."facility_id", new_values."feed_number", new_values."floor", new_values."has_feed", new_values."id", new_values."is_accessible", new_values."is_public", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."uses", new_values."zone_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='60b36e69e24037818b1898b2f7e6b00f672694f3', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_359bb', referencing='REFERENCING NEW TABLE AS new_values ', table='facilities_space', when='AFTER'))), ('space', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_spaceevent" ("area_m2", "capacity", "category_id", "community_id", "equipment", "facility_id", "feed_number", "floor", "has_feed", "id", "is_accessible", "is_public", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "uses", "zone_id") SELECT new_values."area_m2", new_values."capacity", new_values."category_id", new_values."community_id", new_values."equipment", new_values."facility_id", new_values."feed_number", new_values."floor", new_values."has_feed", new_values."id", new_values."is_accessible", new_values."is_public", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."uses", new_values."zone_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='aaad53ec4e2794a44b58642fd85abbb7b205144e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_8bb0c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='facilities_space', when='AFTER'))), ('space', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_spaceevent" ("area_m2", "capacity", "category_id", "community_id", "equipment", "facility_id", "feed_number", "floor", "has_feed", "id", "is_accessible", "is_public", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "uses", "zone_id") SELECT old_values."area_m2", old_values."capacity", old_values."category_id", old_values."community_id", old_values."equipment", old_values."facility_id", old_values."feed_number", old_values."floor", old_values."has_feed", old_values."id", old_values."is_accessible", old_values."is_public", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."uses", old_values."zone_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='09702a365773f8cfd56fc3fdc4f93340bcc709f7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e7e6b', referencing='REFERENCING OLD TABLE AS old_values ', table='facilities_space', when='AFTER'))), ('externalcalendar', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_externalcalendarevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "space_id") SELECT new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."space_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d47522190112d2f35585c337a9428eb1591d276a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_caa2a', referencing='REFERENCING NEW TABLE AS new_values ', table='facilities_externalcalendar', when='AFTER'))), ('externalcalendar', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_externalcalendarevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "space_id") SELECT new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."space_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."space_id" IS DISTINCT FROM (new_values."space_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d42e74e942487b8823eb68f6273722f51343b9dc', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_17cf3', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='facilities_externalcalendar', when='AFTER'))), ('externalcalendar', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "facilities_externalcalendarevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "space_id") SELECT old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."space_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='20249a41c7cfcb307a1186dc3ca9ff3b8bb22498', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_bbdc0', referencing='REFERENCING OLD TABLE AS old_values ', table='facilities_externalcalendar', when='AFTER'))), ('externalcalendarevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6636ca8a654409af15934aa7a11ec88d9000a542', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bed61', table='facilities_externalcalendarevent', when='BEFORE')))],
        ),
    ]

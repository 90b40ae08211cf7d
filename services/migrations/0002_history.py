import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import portal.trigger_operations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facilities', '0022_history'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('portal', '__first__'),
        ('services', '0001_ground'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('ref', models.CharField(db_collation='C', max_length=64, verbose_name='协议编号')),
                ('space', models.CharField(blank=True, max_length=80, verbose_name='空间')),
                ('floor', models.SmallIntegerField(blank=True, help_text='地下为负数。', null=True, verbose_name='楼层')),
                ('area_m2', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='面积（㎡）')),
                ('starts_on', models.DateField(blank=True, null=True, verbose_name='开始日期')),
                ('ends_on', models.DateField(blank=True, help_text='含当日；不填为长期。', null=True, verbose_name='结束日期')),
                ('category', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.category', verbose_name='功能类别')),
                ('community', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.community', verbose_name='社区')),
                ('facility', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.facility', verbose_name='设施')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='services.agreement')),
                ('provider', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='services.provider', verbose_name='服务商')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'indexes': [models.Index(fields=['pgh_obj', '-pgh_id'], name='services_ag_pgh_obj_f14b19_idx')],
            },
        ),
        migrations.CreateModel(
            name='ProviderEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('ref', models.CharField(db_collation='C', max_length=64, verbose_name='服务商编号')),
                ('name', models.CharField(max_length=80, verbose_name='服务商名称')),
                ('kind', models.CharField(blank=True, choices=[('enterprise', '企业'), ('self_employed', '个体工商户'), ('social_org', '社会组织'), ('self_organisation', '居民自组织')], max_length=20, verbose_name='主体类型')),
                ('uscc', models.CharField(blank=True, max_length=18, verbose_name='统一社会信用代码')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='services.provider')),
                ('region', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.region', verbose_name='登记地区')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'indexes': [models.Index(fields=['pgh_obj', '-pgh_id'], name='services_pr_pgh_obj_a86cb0_idx')],
            },
        ),
        migrations.CreateModel(
            name='ProviderMemberEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='services.providermember')),
                ('provider', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='services.provider', verbose_name='服务商')),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'indexes': [models.Index(fields=['pgh_obj', '-pgh_id'], name='services_pr_pgh_obj_6634cd_idx')],
            },
        ),
        portal.trigger_operations.AddTriggers(
            triggers=[('agreement', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_agreementevent" ("area_m2", "category_id", "community_id", "ends_on", "facility_id", "floor", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "ref", "space", "starts_on") SELECT new_values."area_m2", new_values."category_id", new_values."community_id", new_values."ends_on", new_values."facility_id", new_values."floor", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."provider_id", new_values."ref", new_values."space", new_values."starts_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3a3b6770af8c3e44d463c4956daf875a6738813b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0e259', referencing='REFERENCING NEW TABLE AS new_values ', table='services_agreement', when='AFTER'))), ('agreement', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_agreementevent" ("area_m2", "category_id", "community_id", "ends_on", "facility_id", "floor", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "ref", "space", "starts_on") SELECT new_values."area_m2", new_values."category_id", new_values."community_id", new_values."ends_on", new_values."facility_id", new_values."floor", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."provider_id", new_values."ref", new_values."space", new_values."starts_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cf74b6c178f270cfce5387df6248b5f678cd18ca', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_40232', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='services_agreement', when='AFTER'))), ('agreement', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_agreementevent" ("area_m2", "category_id", "community_id", "ends_on", "facility_id", "floor", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "ref", "space", "starts_on") SELECT old_values."area_m2", old_values."category_id", old_values."community_id", old_values."ends_on", old_values."facility_id", old_values."floor", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."provider_id", old_values."ref", old_values."space", old_values."starts_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='14ce71e2256ef94bce5966950ba6cdf029a38ec8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3125c', referencing='REFERENCING OLD TABLE AS old_values ', table='services_agreement', when='AFTER'))), ('provider', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_providerevent" ("id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "region_id", "uscc") SELECT new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ref", new_values."region_id", new_values."uscc" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='235e2bdfafcab76e6090de32e934b5039b555b2f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_3fdce', referencing='REFERENCING NEW TABLE AS new_values ', table='services_provider', when='AFTER'))), ('provider', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_providerevent" ("id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "region_id", "uscc") SELECT new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ref", new_values."region_id", new_values."uscc" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."ref" IS DISTINCT FROM (new_values."ref") OR old_values."region_id" IS DISTINCT FROM (new_values."region_id") OR old_values."uscc" IS DISTINCT FROM (new_values."uscc")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7ef6e161bf546f44f83624fac420dacf1a569bdf', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_9e4df', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='services_provider', when='AFTER'))), ('provider', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_providerevent" ("id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "region_id", "uscc") SELECT old_values."id", old_values."kind", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ref", old_values."region_id", old_values."uscc" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9dcee5a74a7300ec4050d379b21c14c697d9888e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e00b9', referencing='REFERENCING OLD TABLE AS old_values ', table='services_provider', when='AFTER'))), ('providermember', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_providermemberevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."provider_id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5e88ba8c70143779d71eb39253eba285eb704b92', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f0e3c', referencing='REFERENCING NEW TABLE AS new_values ', table='services_providermember', when='AFTER'))), ('providermember', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_providermemberevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."provider_id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='28767f58d395cdcc817524ae0df09547db454c51', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_17e69', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='services_providermember', when='AFTER'))), ('providermember', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "services_providermemberevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "user_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."provider_id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='7aee6694160b997426e0c3999ff18ffca75bc059', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7752d', referencing='REFERENCING OLD TABLE AS old_values ', table='services_providermember', when='AFTER'))), ('agreementevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7e842e62ee9032a0b4b91a52088925ed7055f25c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_528db', table='services_agreementevent', when='BEFORE'))), ('providerevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='52055b83b79a8599cc20bc43fa13caaf01a1fb06', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5b754', table='services_providerevent', when='BEFORE'))), ('providermemberevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8172bcdd1eab1b86204e89ce2053acf8614dfeda', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_59301', table='services_providermemberevent', when='BEFORE')))],
        ),
    ]

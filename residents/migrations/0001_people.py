import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import pgtrigger.compiler
import portal.personal
import portal.trigger_operations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('facilities', '0023_external_calendars_and_providers_bookings'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('portal', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(blank=True, help_text='例如 3号楼2单元；不写门牌号。', max_length=24, verbose_name='楼栋单元')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facilities.community', verbose_name='社区')),
            ],
            options={
                'verbose_name': '家庭户',
                'verbose_name_plural': '家庭户',
                'ordering': ['community', 'label', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='HouseholdEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('community', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.community', verbose_name='社区')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='residents.household')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Need',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(help_text='请不要写身份证号、电话等个人信息。', max_length=500, verbose_name='说说您缺什么、盼什么')),
                ('raised_at', models.DateTimeField(auto_now_add=True, verbose_name='提出时间')),
                ('state', models.CharField(choices=[('waiting', '待答复'), ('in_hand', '正在办'), ('answered', '已答复'), ('closed', '已了结')], default='waiting', editable=False, max_length=8, verbose_name='状态')),
                ('answer', models.CharField(blank=True, editable=False, max_length=500, verbose_name='答复')),
                ('answered_at', models.DateTimeField(editable=False, null=True, verbose_name='答复时间')),
                ('pruned_at', models.DateTimeField(editable=False, null=True, verbose_name='内容清除时间')),
                ('answered_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facilities.category', verbose_name='关于哪一类服务')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='facilities.community', verbose_name='社区')),
                ('entered_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='窗口代录')),
            ],
            options={
                'verbose_name': '需求',
                'verbose_name_plural': '需求',
                'ordering': ['-raised_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='NeedEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('raised_at', models.DateTimeField(auto_now_add=True, verbose_name='提出时间')),
                ('state', models.CharField(choices=[('waiting', '待答复'), ('in_hand', '正在办'), ('answered', '已答复'), ('closed', '已了结')], default='waiting', editable=False, max_length=8, verbose_name='状态')),
                ('answered_at', models.DateTimeField(editable=False, null=True, verbose_name='答复时间')),
                ('pruned_at', models.DateTimeField(editable=False, null=True, verbose_name='内容清除时间')),
                ('answered_by', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('category', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.category', verbose_name='关于哪一类服务')),
                ('community', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.community', verbose_name='社区')),
                ('entered_by', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='窗口代录')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='residents.need')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Resident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('called', models.CharField(help_text='怎么称呼都行，如张阿姨；不必写全名。', max_length=20, verbose_name='称呼')),
                ('birth_year', models.PositiveSmallIntegerField(blank=True, help_text='只写年份，用来看是不是未成年人、能不能享受老年优惠。', null=True, validators=[django.core.validators.MinValueValidator(1900), django.core.validators.MaxValueValidator(2100)], verbose_name='出生年份')),
                ('phone', portal.personal.EncryptedCharField(blank=True, editable=False, verbose_name='手机号')),
                ('phone_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('joined_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='确认居住时间')),
                ('active_on', models.DateField(default=django.utils.timezone.localdate, editable=False, verbose_name='最近办理')),
                ('erased_at', models.DateTimeField(editable=False, null=True, verbose_name='注销时间')),
                ('account', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='resident', to=settings.AUTH_USER_MODEL, verbose_name='账户')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='residents', to='facilities.community', verbose_name='社区')),
                ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='residents', to='residents.household', verbose_name='家庭户')),
            ],
            options={
                'verbose_name': '居民',
                'verbose_name_plural': '居民',
                'ordering': ['community', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PersonalView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='时间')),
                ('reason', models.CharField(choices=[('booking', '预约有变，要通知本人'), ('service', '上门或到场服务，要联系本人'), ('need', '答复需求，要问清楚'), ('check', '本人在窗口，核对信息'), ('urgent', '紧急情况'), ('request', '本人要求查阅或更正')], max_length=8, verbose_name='为什么')),
                ('page', models.CharField(max_length=64, verbose_name='在哪个页面')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁打开的')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facilities.community', verbose_name='社区')),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='views', to='residents.resident', verbose_name='居民')),
            ],
            options={
                'verbose_name': '查看记录',
                'verbose_name_plural': '查看记录',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='need',
            name='resident',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='needs', to='residents.resident', verbose_name='谁说的'),
        ),
        migrations.CreateModel(
            name='FamilyTie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('guardian', '监护人'), ('helper', '代办人')], max_length=8, verbose_name='关系')),
                ('since', models.DateField(default=django.utils.timezone.localdate, editable=False, verbose_name='自')),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts_for', to='residents.resident', verbose_name='办事的人')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acted_for_by', to='residents.resident', verbose_name='家人')),
            ],
            options={
                'verbose_name': '代办关系',
                'verbose_name_plural': '代办关系',
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('service', '办理预约和服务'), ('phone', '保存手机号'), ('child', '监护人为未满十四周岁的孩子登记')], max_length=8, verbose_name='用途')),
                ('version', models.PositiveSmallIntegerField(verbose_name='文本版本')),
                ('channel', models.CharField(choices=[('site', '本人在网上'), ('family', '家人代为转达'), ('counter', '社区窗口')], max_length=8, verbose_name='方式')),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='同意时间')),
                ('withdrawn_at', models.DateTimeField(editable=False, null=True, verbose_name='撤回时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁给的')),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='residents.resident', verbose_name='居民')),
            ],
            options={
                'verbose_name': '同意',
                'verbose_name_plural': '同意',
                'ordering': ['-given_at'],
            },
        ),
        migrations.CreateModel(
            name='ResidentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('joined_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='确认居住时间')),
                ('active_on', models.DateField(default=django.utils.timezone.localdate, editable=False, verbose_name='最近办理')),
                ('erased_at', models.DateTimeField(editable=False, null=True, verbose_name='注销时间')),
                ('community', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='facilities.community', verbose_name='社区')),
                ('household', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='residents.household', verbose_name='家庭户')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='residents.resident')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['community', 'label'], name='household_community'),
        ),
        migrations.AddIndex(
            model_name='householdevent',
            index=models.Index(fields=['pgh_obj', '-pgh_id'], name='residents_h_pgh_obj_4993a8_idx'),
        ),
        migrations.AddIndex(
            model_name='needevent',
            index=models.Index(fields=['pgh_obj', '-pgh_id'], name='residents_n_pgh_obj_804009_idx'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(fields=['community'], name='resident_community'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(('phone_digest', ''), _negated=True), fields=['phone_digest'], name='resident_phone'),
        ),
        migrations.AddConstraint(
            model_name='resident',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('account', None), ('birth_year', None), ('called', ''), ('household', None), ('phone', ''), ('phone_digest', '')), _connector='OR'), name='resident_erased_names_nobody', violation_error_message='注销后不能再有个人信息。'),
        ),
        migrations.AddConstraint(
            model_name='resident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('phone', ''), ('phone_digest', '')), models.Q(models.Q(('phone', ''), _negated=True), models.Q(('phone_digest', ''), _negated=True)), _connector='OR'), name='resident_phone_can_be_found', violation_error_message='手机号和它的查找码要一起存。'),
        ),
        migrations.AddIndex(
            model_name='personalview',
            index=models.Index(fields=['community', '-id'], name='personalview_community'),
        ),
        migrations.AddIndex(
            model_name='need',
            index=models.Index(fields=['community', 'state'], name='need_community_state'),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'in_hand', 'answered', 'closed'])), name='need_state_known', violation_error_message='没有这样的状态。'),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.CheckConstraint(condition=models.Q(('pruned_at', None), models.Q(('answer', ''), ('resident', None), ('text', '')), _connector='OR'), name='need_pruned_says_nothing', violation_error_message='清除后不能再有内容。'),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), ('answered_at__isnull', False), _connector='OR'), name='need_answered_has_time'),
        ),
        migrations.AddConstraint(
            model_name='familytie',
            constraint=models.UniqueConstraint(fields=('actor', 'member'), name='familytie_once', violation_error_message='已经有这个代办关系。'),
        ),
        migrations.AddConstraint(
            model_name='familytie',
            constraint=models.CheckConstraint(condition=models.Q(('actor', models.F('member')), _negated=True), name='familytie_of_two', violation_error_message='不用给自己办理代办。'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('resident', 'purpose'), name='consent_one_in_force', violation_error_message='已经同意过。'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawn_at__gte', models.F('given_at')), _connector='OR'), name='consent_withdrawn_after_given', violation_error_message='撤回不能早于同意。'),
        ),
        migrations.AddIndex(
            model_name='residentevent',
            index=models.Index(fields=['pgh_obj', '-pgh_id'], name='residents_r_pgh_obj_3cb4f5_idx'),
        ),
        portal.trigger_operations.AddTriggers(
            triggers=[('household', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_householdevent" ("community_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."community_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c60254f06754841d01e9eeddababba1df24cf71b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_90a6d', referencing='REFERENCING NEW TABLE AS new_values ', table='residents_household', when='AFTER'))), ('household', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_householdevent" ("community_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."community_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."id" IS DISTINCT FROM (new_values."id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b8565cd953d499d921f1ed6cbd65180b9abc0bfb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_32302', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='residents_household', when='AFTER'))), ('household', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_householdevent" ("community_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."community_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f3f91213c82bfa05d73d6cc0c7e370e016503bbd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_73d59', referencing='REFERENCING OLD TABLE AS old_values ', table='residents_household', when='AFTER'))), ('householdevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cedbec25be6ae52c90b00b9d701abccbd4825362', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f504f', table='residents_householdevent', when='BEFORE'))), ('needevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3de1131c36c468596743153d9ce602e4a086e983', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b7077', table='residents_needevent', when='BEFORE'))), ('resident', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_residentevent" ("active_on", "community_id", "confirmed_at", "erased_at", "household_id", "id", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."active_on", new_values."community_id", new_values."confirmed_at", new_values."erased_at", new_values."household_id", new_values."id", new_values."joined_at", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9fbaff469655c05f1185270a56468f507515b543', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_424be', referencing='REFERENCING NEW TABLE AS new_values ', table='residents_resident', when='AFTER'))), ('resident', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_residentevent" ("active_on", "community_id", "confirmed_at", "erased_at", "household_id", "id", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."active_on", new_values."community_id", new_values."confirmed_at", new_values."erased_at", new_values."household_id", new_values."id", new_values."joined_at", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."active_on" IS DISTINCT FROM (new_values."active_on") OR old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."confirmed_at" IS DISTINCT FROM (new_values."confirmed_at") OR old_values."erased_at" IS DISTINCT FROM (new_values."erased_at") OR old_values."household_id" IS DISTINCT FROM (new_values."household_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."joined_at" IS DISTINCT FROM (new_values."joined_at")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e8b58828c2a7142a2ccafb77c9642e2f9adb176e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7908c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='residents_resident', when='AFTER'))), ('resident', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_residentevent" ("active_on", "community_id", "confirmed_at", "erased_at", "household_id", "id", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."active_on", old_values."community_id", old_values."confirmed_at", old_values."erased_at", old_values."household_id", old_values."id", old_values."joined_at", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5bf39b5c371fbf51f80b5fb14e872b7546495ae7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3d2a9', referencing='REFERENCING OLD TABLE AS old_values ', table='residents_resident', when='AFTER'))), ('personalview', pgtrigger.compiler.Trigger(name='view_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='74c3370eed7596dc015340ce09a7a04da72d4860', operation='UPDATE OR DELETE', pgid='pgtrigger_view_append_only_43e28', table='residents_personalview', when='BEFORE'))), ('need', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_needevent" ("answered_at", "answered_by_id", "category_id", "community_id", "entered_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pruned_at", "raised_at", "state") SELECT new_values."answered_at", new_values."answered_by_id", new_values."category_id", new_values."community_id", new_values."entered_by_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pruned_at", new_values."raised_at", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c901e4858ef243e7674154c51f7509415a56cee2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d1b27', referencing='REFERENCING NEW TABLE AS new_values ', table='residents_need', when='AFTER'))), ('need', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_needevent" ("answered_at", "answered_by_id", "category_id", "community_id", "entered_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pruned_at", "raised_at", "state") SELECT new_values."answered_at", new_values."answered_by_id", new_values."category_id", new_values."community_id", new_values."entered_by_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."pruned_at", new_values."raised_at", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."answered_at" IS DISTINCT FROM (new_values."answered_at") OR old_values."answered_by_id" IS DISTINCT FROM (new_values."answered_by_id") OR old_values."category_id" IS DISTINCT FROM (new_values."category_id") OR old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."entered_by_id" IS DISTINCT FROM (new_values."entered_by_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."pruned_at" IS DISTINCT FROM (new_values."pruned_at") OR old_values."raised_at" IS DISTINCT FROM (new_values."raised_at") OR old_values."state" IS DISTINCT FROM (new_values."state")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4926ecc13dc7ee7a2be77a01a6abb3c4dab5daf1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_11f30', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='residents_need', when='AFTER'))), ('need', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "residents_needevent" ("answered_at", "answered_by_id", "category_id", "community_id", "entered_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pruned_at", "raised_at", "state") SELECT old_values."answered_at", old_values."answered_by_id", old_values."category_id", old_values."community_id", old_values."entered_by_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pruned_at", old_values."raised_at", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='bbe9060d4ed77fb05384c56c9dcd82a25d0804aa', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_0e7d5', referencing='REFERENCING OLD TABLE AS old_values ', table='residents_need', when='AFTER'))), ('residentevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='47d0ecf72e351a7474382bbf3af482bf7af554a9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2d0d6', table='residents_residentevent', when='BEFORE')))],
        ),
    ]

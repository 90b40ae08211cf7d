import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Unique constraints that begin with the same column do the work of these three indexes."""

    dependencies = [
        ('billing', '0005_reminder'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='close',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='billing.monthclose'),
        ),
        migrations.AlterField(
            model_name='rebate',
            name='close',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rebates', to='billing.monthclose'),
        ),
        migrations.AlterField(
            model_name='share',
            name='sharing',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='billing.billsharing'),
        ),
    ]

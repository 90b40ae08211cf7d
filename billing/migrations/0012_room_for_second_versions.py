from django.db import migrations

# A close changes each of these rows once, and every index takes the row's second version beside its first.
# Pages filled to the brim, as a load in order leaves them, are searched for dead entries first and then split.
INDEXES = [
    "billing_revenue_pkey",
    "revenue_once",
    "revenue_community_month",
    "billing_utilitybill_pkey",
    "bill_ref_once",
    "bill_community_period",
    "billing_utilitybill_facility_id_d5326a5b",
    "billing_openingbalance_pkey",
    "openingbalance_once",
]


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0011_community_months_stay'),
    ]

    operations = [
        migrations.RunSQL(
            [f'ALTER INDEX "{name}" SET (fillfactor = 50)' for name in INDEXES],
            [f'ALTER INDEX "{name}" RESET (fillfactor)' for name in INDEXES],
        ),
    ]

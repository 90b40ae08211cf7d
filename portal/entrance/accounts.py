"""Accounts that were asked for and never proven."""

import datetime as dt

from django.utils import timezone

from portal.models import User

PATIENCE = dt.timedelta(hours=1)


def forget_unproven() -> int:
    """Delete sign-ups whose number or address nobody proved, so that it is free for whoever has it."""
    made_here = User.objects.filter(last_login=None, is_staff=False, is_superuser=False, phone_verified=False)
    proven = made_here.filter(emailaddress__verified=True).values("pk")
    unproven = made_here.filter(
        date_joined__lt=timezone.now() - PATIENCE, access_roles=None, memberships=None
    ).exclude(pk__in=proven)
    asked = unproven.exclude(phone_lookup="") | unproven.filter(emailaddress__isnull=False)
    keys = list(asked.distinct().values_list("pk", flat=True))
    User.objects.filter(pk__in=keys).delete()
    return len(keys)

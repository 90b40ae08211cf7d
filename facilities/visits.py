"""People who count themselves at a space (打卡): a number an hour, nobody's name."""

from django.db.models import F
from django.utils import timezone

from facilities.models import Space, VisitCount


def count(space: Space) -> None:
    """One more person here in this hour."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    VisitCount.objects.bulk_create([VisitCount(space=space, hour=hour)], ignore_conflicts=True)
    VisitCount.objects.filter(space=space, hour=hour).update(count=F("count") + 1)

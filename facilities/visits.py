"""People who count themselves at a space (打卡): a number an hour, nobody's name.

A browser counts once within an hour. Whoever sends no cookie back, or a script that takes a new one each
time, meets two limits: as many an hour from one address as the room holds, and from everywhere a few
times that. Addresses are not stored: the cache keeps a keyed digest of each for the hour.
"""

from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from facilities.models import Space, VisitCount
from portal.personal import lookup

HOUR = 3600
FEWEST = 20  # of a room whose capacity says little
TURNS = 4  # how often a room may fill in an hour


def count(space: Space, *, address: str) -> bool:
    """One more person here in this hour; False where more come than can be true."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    seats = max(space.capacity, FEWEST)
    here = f"visits:{space.pk}:{now:%Y%m%d%H}"
    if not (_within(f"{here}:{lookup(f'{here} {address}')}", seats) and _within(here, seats * TURNS)):
        return False
    VisitCount.objects.bulk_create([VisitCount(space=space, hour=now)], ignore_conflicts=True)
    VisitCount.objects.filter(space=space, hour=now).update(count=F("count") + 1)
    return True


def _within(key: str, most: int) -> bool:
    """Count one more under this key; tell whether there are not too many."""
    cache.add(key, 0, HOUR)
    try:
        return bool(cache.incr(key) <= most)
    except ValueError:
        return True  # the hour ended between the two

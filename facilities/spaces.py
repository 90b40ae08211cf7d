"""Whether residents find a room and may book it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from facilities.models import Space
from portal import audit
from portal.access import Role
from portal.errors import Refused

OPENING = (Role.CLERK, Role.REGION_ADMIN)


@transaction.atomic
def show(space: Space, *, is_public: bool, by: Any) -> None:
    """Show a room to residents or to staff alone; what is booked stays booked."""
    row = Space.objects.select_for_update(no_key=True).get(pk=space.pk)
    if not by.holds(row.community_id, *OPENING):
        raise Refused(_("只有本社区的工作人员可以改。"))
    if row.is_public == is_public:
        raise Refused(_("本来就对居民开放。") if is_public else _("本来就不对居民开放。"))
    row.is_public = is_public
    row.save(update_fields=["is_public"])
    audit.record("space.changed", row, by=by, region=row.community_id, pk=row.pk, fields=["is_public"])

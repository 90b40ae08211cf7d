"""For whom a room is booked: a resident who agreed, by those who may act for them.

Residents lie above places, so they are asked through the booking's own foreign key.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from facilities.bookings.checking import Wish, is_staff_of
from facilities.bookings.refusals import BookingRefused
from facilities.models import Booking, Space


def people() -> Any:
    """Every resident, as a QuerySet that knows who acts for whom and who agreed."""
    return Booking._meta.get_field("resident").related_model._default_manager.all()


def family_of(user: Any) -> QuerySet:
    """Those whom somebody may book for, beside themselves."""
    return people().acted_for_by(user).agreed().exclude(account=user.pk).order_by("pk")


def found_by_phone(space: Space, text: str) -> QuerySet:
    """The residents of a room's community with exactly this number; a family may share one."""
    return people().with_phone(text).agreed().filter(community=space.community_id).order_by("pk")


def businesses_of(user: Any) -> QuerySet:
    """The providers in whose name somebody may book."""
    providers: Any = Booking._meta.get_field("provider").related_model
    return providers._default_manager.filter(pk__in=user.provider_ids).order_by("name")


def lock_people(wishes: Iterable[Wish], *, by: Any) -> None:
    """Keep whoever books, and whom it is for, from being erased meanwhile; before any space is locked.

    Erasing locks in the same order: the account, the residents by key, then the spaces.
    """
    account = get_user_model().objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True)
    if not account.exists():
        raise BookingRefused(_("这个账户已经停用或注销，不能预约。"))
    keys = {wish.resident_id for wish in wishes if wish.resident_id}
    if keys:
        rows = people().select_for_update(no_key=True, of=("self",)).filter(pk__in=keys).order_by("pk")
        list(rows.values_list("pk", flat=True))


def check_person(wish: Wish, *, by: Any) -> None:
    """Refuse to book for somebody who did not agree or withdrew, or whom the asker does not act for."""
    own = people().acted_for_by(by).filter(account=by.pk)
    if own.exists() and not own.agreed().exists():
        raise BookingRefused(_("您撤回了办理预约的同意，要先在“我的”里重新同意。"))
    if wish.provider_id is not None:
        if wish.provider_id not in by.provider_ids:
            raise BookingRefused(_("您不是这个服务商的成员，不能以它的名义预约。"))
        if wish.resident_id is not None:
            raise BookingRefused(_("以服务商名义预约时，不能同时为居民预约。"))
    if wish.resident_id is None:
        return
    person = people().filter(pk=wish.resident_id)
    if is_staff_of(wish.space, by):
        person = person.filter(community=wish.space.community_id)
    else:
        person = person & people().acted_for_by(by)
    if not person.agreed().exists():
        raise BookingRefused(_("不能为这位居民预约：没有代办关系，或还没有同意、已撤回同意。"))

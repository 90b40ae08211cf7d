"""Joining a community, changing what is known of oneself, moving, and being confirmed as living there."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Community
from portal import audit
from portal.access import Role
from portal.errors import Refused
from portal.models import AccessRole
from residents import consents
from residents.models import Household, Purpose, Resident


@dataclass(frozen=True, slots=True)
class Told:
    """What a resident tells of themselves; `label` is the entrance of their building."""

    called: str
    birth_year: int | None = None
    phone: str = ""
    label: str = ""


@transaction.atomic
def join(community: Community, told: Told, *, by: Any) -> Resident:
    """Register the resident of an account, who agreed to the text; a child is registered by its guardian."""
    if Resident.objects.filter(account=by).exists():
        raise Refused(_("您已经登记过了，在“我的”里可以修改。"))
    resident = Resident(community=community, account=by, called=told.called, birth_year=told.birth_year)
    if resident.is_child:
        raise Refused(_("未满十四周岁的孩子由监护人登记：请监护人登录，在“我的家人”里添加。"))
    resident.set_phone(told.phone)
    resident.household = household_at(community, told.label)
    resident.save()
    consents.give(resident, Purpose.SERVICE, by=by)
    if resident.phone:
        consents.give(resident, Purpose.PHONE, by=by)
    audit.record("resident.joined", resident)
    return resident


def household_at(community: Community, label: str) -> Household | None:
    """A household of one's own: who else lives at the same entrance is nobody's business."""
    return Household.objects.create(community=community, label=label) if label else None


@transaction.atomic
def change(resident: Resident, told: Told, *, by: Any) -> None:
    """Correct what is known of a resident; a new number is a consent to keep it, none withdraws it."""
    row = Resident.objects.select_for_update(of=("self",)).select_related("household").get(pk=resident.pk)
    row.called, row.birth_year = told.called, told.birth_year
    if row.account_id and row.is_child:
        raise Refused(_("未满十四周岁的孩子由监护人登记，不能有自己的账户。"))
    had_phone = bool(row.phone)
    row.set_phone(told.phone)
    if row.household is None:
        row.household = household_at(row.community, told.label)
    elif row.household.label != told.label:
        row.household.label = told.label
        row.household.save(update_fields=["label"])
    row.active_on = timezone.localdate()
    row.save()
    if row.phone:
        consents.give(row, Purpose.PHONE, by=by)
    elif had_phone and consents.is_given(row, Purpose.PHONE):
        consents.withdraw(row, Purpose.PHONE)
    audit.record("resident.changed", row)


@transaction.atomic
def move(resident: Resident, community: Community, *, by: Any) -> None:
    """Live in another community from now on; the family of the same household moves along."""
    row = Resident.objects.select_for_update().get(pk=resident.pk)
    if row.community_id == community.pk:
        return
    family = Resident.objects.acted_for_by(by).filter(account=None, community=row.community_id)
    for one in [row, *family]:
        _end_role(one)
        one.community, one.household, one.confirmed_at = community, None, None
        one.save(update_fields=["community", "household", "confirmed_at"])
        audit.record("resident.moved", one)


@transaction.atomic
def confirm(resident: Resident, *, by: Any) -> None:
    """Say that a resident really lives here: only then they speak as one, for instance in objections."""
    row = Resident.objects.select_for_update().get(pk=resident.pk)
    if row.erased_at:
        raise Refused(_("这位居民已经注销。"))
    if row.account_id == by.pk:
        raise Refused(_("不能确认自己，请另一位同事确认。"))
    if row.confirmed_at:
        return
    row.confirmed_at = timezone.now()
    row.save(update_fields=["confirmed_at"])
    if row.account_id:
        AccessRole.objects.get_or_create(
            user_id=row.account_id, role=Role.RESIDENT, region_id=row.community_id
        )
    audit.record("resident.confirmed", row, by=by)


def _end_role(resident: Resident) -> None:
    if resident.account_id:
        AccessRole.objects.filter(
            user=resident.account_id, role=Role.RESIDENT, region=resident.community_id
        ).delete()

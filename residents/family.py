"""Family members one acts for: a child with its guardian's consent, a grown-up with their own."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit
from portal.errors import Refused
from residents import consents
from residents.accounts import Told
from residents.models import Channel, FamilyTie, Resident, TieKind
from residents.privacy import erase_member

MOST = 10


@transaction.atomic
def add(actor: Resident, told: Told, kind: str, *, by: Any) -> Resident:
    """Register a family member without an account, whose consent the actor gives or passes on."""
    Resident.objects.select_for_update().get(pk=actor.pk)
    if actor.acts_for.count() >= MOST:
        raise Refused(_("最多为 %d 位家人代办。") % MOST)
    member = Resident(
        community_id=actor.community_id,
        household_id=actor.household_id,
        called=told.called,
        birth_year=told.birth_year,
    )
    if member.is_child and kind != TieKind.GUARDIAN:
        raise Refused(_("未满十四周岁的孩子只能由监护人登记。"))
    member.save()
    FamilyTie.objects.create(actor=actor, member=member, kind=kind)
    consents.give(member, consents.needed_by(member), by=by, channel=Channel.FAMILY)
    audit.record("family.added", member, kind=kind)
    return member


@transaction.atomic
def remove(actor: Resident, member: Resident) -> None:
    """Act for somebody no longer; whom nobody else acts for is forgotten."""
    deleted, _rows = FamilyTie.objects.filter(actor=actor, member=member).delete()
    if not deleted:
        return
    audit.record("family.removed", member)
    if member.account_id is None and not member.acted_for_by.exists():
        erase_member(member)

"""Giving and withdrawing consent, and what each text says; a new text is a new version."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import audit
from portal.errors import Refused
from residents.models import CURRENT, Channel, Consent, Purpose, Resident

# What was agreed to, by purpose and version; old texts stay, since consents point to them.
TEXTS: dict[tuple[str, int], str | Promise] = {
    (Purpose.SERVICE, 1): gettext_lazy(
        "我同意社区用我的称呼、出生年份和楼栋单元，为我办理预约和服务；别人看不到，不用于别的事。"
    ),
    (Purpose.PHONE, 1): gettext_lazy(
        "我同意社区加密保存我的手机号，用来在窗口找到我、在预约有变时联系我；名单里只显示打星号的号码，打开完整号码会留下记录。"
    ),
    (Purpose.CHILD, 1): gettext_lazy(
        "我是这个孩子的监护人，我同意社区用孩子的称呼和出生年份为孩子办理预约和服务。"
    ),
}

# What stops when a consent is withdrawn, said before it is.
FOLLOWS: dict[str, str | Promise] = {
    Purpose.SERVICE: gettext_lazy(
        "撤回后不能再预约，窗口也不能代约；已约的照旧。30 天内没有重新同意，登记的个人信息会清除。"
    ),
    Purpose.PHONE: gettext_lazy("撤回后手机号立刻删除，窗口不能再按号码找到您。"),
    Purpose.CHILD: gettext_lazy("撤回后不能再为孩子预约；30 天内没有重新同意，孩子登记的个人信息会清除。"),
}


def text_of(purpose: str, version: int | None = None) -> str:
    return str(TEXTS[purpose, version or CURRENT[Purpose(purpose)]])


text_in_force = lazy(text_of, str)


def needed_by(resident: Resident) -> Purpose:
    """The consent without which nothing may be done for a resident."""
    return Purpose.CHILD if resident.is_child else Purpose.SERVICE


def is_given(resident: Resident, purpose: str) -> bool:
    return Consent.objects.in_force(purpose).filter(resident=resident).exists()


@transaction.atomic
def give(resident: Resident, purpose: str, *, by: Any, channel: str = Channel.SITE) -> None:
    """Agree to the text in force; an older consent of the same purpose ends with it."""
    Resident.objects.select_for_update().get(pk=resident.pk)
    if is_given(resident, purpose):
        return
    _end(resident, purpose)
    version = CURRENT[Purpose(purpose)]
    Consent.objects.create(resident=resident, purpose=purpose, version=version, channel=channel, by=by)
    who = (
        by if channel == Channel.COUNTER else None
    )  # who gives their own is not kept where nothing is erased
    audit.record("consent.given", resident, by=who, purpose=purpose, version=version, channel=channel)


@transaction.atomic
def withdraw(resident: Resident, purpose: str) -> None:
    """End a consent; what it allowed stops at once."""
    row = Resident.objects.select_for_update().get(pk=resident.pk)
    if not _end(row, purpose):
        raise Refused(_("这一项没有同意过，或已经撤回。"))
    if purpose == Purpose.PHONE:
        row.set_phone("")
        row.save(update_fields=["phone", "phone_digest"])
    audit.record("consent.withdrawn", row, purpose=purpose)


def _end(resident: Resident, purpose: str) -> int:
    live = Consent.objects.filter(resident=resident, purpose=purpose, withdrawn_at=None)
    return live.update(withdrawn_at=timezone.now())

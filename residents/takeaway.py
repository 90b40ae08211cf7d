"""Everything the portal knows of somebody, for them to take along."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Booking
from portal.spreadsheets.columns import harmless
from residents.consents import text_of
from residents.models import FamilyTie, Resident


def data_of(resident: Resident, user: Any) -> dict[str, Any]:
    """The resident of an account with family, consents, bookings, needs, and who opened the record."""
    ties = FamilyTie.objects.filter(actor=resident).select_related("member").order_by("pk")
    rows = Booking.objects.of(user).select_related("space__facility", "resident").order_by("starts_at")
    return {
        _("账户"): {_("登录名"): user.get_username(), _("邮箱"): user.email},
        _("本人"): _person(resident),
        _("代办的家人"): [{**_person(tie.member), _("关系"): tie.get_kind_display()} for tie in ties],
        _("预约"): [_booking(row) for row in rows],
        _("说说"): [
            {
                _("时间"): _at(need.raised_at),
                _("内容"): need.text,
                _("状态"): need.get_state_display(),
                _("答复"): need.answer,
            }
            for need in resident.needs.order_by("pk")
        ],
        _("谁打开过我的完整信息"): [
            {_("时间"): _at(view.at), _("原因"): view.get_reason_display()}
            for view in resident.views.order_by("pk")
        ],
    }


def _person(resident: Resident) -> dict[str, Any]:
    consents = resident.consents.order_by("pk")
    return {
        _("称呼"): resident.called,
        _("出生年份"): resident.birth_year,
        _("手机号"): resident.phone,
        _("社区"): str(resident.community),
        _("楼栋单元"): resident.household.label if resident.household else "",
        _("登记时间"): _at(resident.joined_at),
        _("同意"): [
            {
                _("用途"): one.get_purpose_display(),
                _("文本"): text_of(one.purpose, one.version),
                _("方式"): one.get_channel_display(),
                _("同意时间"): _at(one.given_at),
                _("撤回时间"): _at(one.withdrawn_at),
            }
            for one in consents
        ],
    }


def _booking(row: Booking) -> dict[str, Any]:
    return {
        _("空间"): f"{row.space.facility} {row.space}",
        _("开始"): _at(row.starts_at),
        _("结束"): _at(row.ends_at),
        _("状态"): row.get_state_display(),
        _("为谁"): row.resident.called if row.resident else row.booked_for,
        _("用来做什么"): row.purpose,
    }


def _at(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def as_csv(data: dict[str, Any]) -> str:
    """One line a fact: where it stands, and what it is."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow([_("项目"), _("内容")])
    for name, value in _facts(data):
        text = "" if value is None else str(value)
        rows.writerow([name, harmless(text)])
    return written.getvalue()


def _facts(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value, start=1)
    else:
        yield name, value
    for key, one in inner:
        yield from _facts(one, f"{name} · {key}" if name else str(key))

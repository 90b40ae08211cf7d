"""What waits for whoever looks: each thing with the day it is due and the page to do it on."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import CloseState, MonthClose
from billing.timely import is_over
from billing.workbench.place import CONFIRMING, DRAFTING, ENTERING
from billing.workbench.progress import Progress, read_window
from facilities.models import Booking, Project, ProjectState
from facilities.projects import entered_among, is_district_approver
from portal.months import Month, in_words
from portal.templatetags.looks import day
from portal.today import waiting
from portal.today.months import MonthState

MOST = 60  # communities looked at one by one; whoever has more works from the list of months


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits: what it is, where, until when, and the page to do it on."""

    kind: str
    what: str
    where: str
    href: str
    do: str
    due: dt.date | None = None
    is_urgent: bool = False
    number: int = 1

    @property
    def days(self) -> int | None:
        """Days until it is due, below 0 once it is late."""
        return None if self.due is None else (self.due - timezone.localdate()).days

    @property
    def late(self) -> int:
        return -(self.days or 0)

    @property
    def tone(self) -> str:
        if self.is_urgent or (self.days is not None and self.days < 0):
            return "pomegranate"
        return "amber" if self.days is not None and self.days <= 7 else "wall"


def tasks_of(user: Any, state: MonthState, asked: list[Booking]) -> list[Task]:
    """Everything that waits for this user, the urgent first, then by the day it is due."""
    tasks = [
        *_to_enter(user, state),
        *_to_decide(user, state),
        *_objections(user),
        *_plans(user),
        *_rooms(asked),
        *_needs(user),
        *_licences(user),
        *_ending(user),
    ]
    return sorted(tasks, key=lambda one: (not one.is_urgent, one.due or dt.date.max))


def _to_enter(user: Any, state: MonthState) -> list[Task]:
    """What the month still lacks, for those who enter it."""
    month, due = state.month, read_window(state.month)[1]
    return [
        Task(
            kind=page,
            what=text,
            where=f"{state.mine[code]} · {month.words}",
            href=reverse(f"admin:{page}", args=[code, str(month)]),
            do=do,
            due=due,
            number=number,
        )
        for code, steps in state.steps.items()
        if user.holds(code, *ENTERING) and not state.is_posted(code)
        for text, number, page, do in _missing(steps, user.holds(code, *DRAFTING))
    ]


def _missing(steps: Progress, may_verify: bool) -> list[tuple[str, int, str, str]]:
    lines = []
    if number := steps.readings.missing:
        text = ngettext("%d 块表未抄", "%d 块表未抄", number) % number
        lines.append((text, number, "books_readings", _("去抄表")))
    if number := steps.bills.missing:
        text = ngettext("%d 张账单未到", "%d 张账单未到", number) % number
        lines.append((text, number, "books_bills", _("录账单")))
    waiting = steps.revenue.waiting
    if may_verify and waiting:
        text = ngettext("%d 份收入待核", "%d 份收入待核", waiting) % waiting
        lines.append((text, waiting, "books_revenue", _("去核实")))
    if number := max(0, steps.revenue.missing - waiting):
        text = ngettext("%d 份收入未报", "%d 份收入未报", number) % number
        lines.append((text, number, "books_revenue", _("去催报")))
    return lines


def _to_decide(user: Any, state: MonthState) -> list[Task]:
    """Months that wait for this user's hand: blocked or drafted, or under notice and not yet confirmed."""
    return [
        Task(
            kind="month",
            what=text,
            where=f"{state.mine[close.community_id]} · {in_words(close.month)}",
            href=reverse("admin:books_month", args=[close.community_id, close.month]),
            do=do,
            due=close.notice_until,
            is_urgent=close.state == CloseState.BLOCKED,
        )
        for close in state.closes
        for text, do in [_step(close, user)]
        if text
    ]


def _step(close: MonthClose, user: Any) -> tuple[str, str]:
    drafts, confirms = user.holds(close.community_id, *DRAFTING), user.holds(close.community_id, *CONFIRMING)
    if close.state == CloseState.BLOCKED and drafts:
        count = len(close.blocks)
        return ngettext("月结受阻，%d 处要处理", "月结受阻，%d 处要处理", count) % count, _("去处理")
    has_notice = close.community.notice_days > 0
    if close.state == CloseState.DRAFT and drafts and has_notice:
        return _("草稿待公示"), _("去公示")
    waits = close.state == CloseState.NOTICE or (close.state == CloseState.DRAFT and not has_notice)
    is_mine = confirms and not close.confirmed_by_id and close.drafted_by_id != user.pk
    if waits and is_mine and is_over(Month.parse(close.month)):
        return _("待您确认入账"), _("去确认")
    return "", ""


def _objections(user: Any) -> list[Task]:
    rows = waiting.objections(user).select_related("close__community")
    return [
        Task(
            kind="objection",
            what=_("异议待答复：%(text)s") % {"text": one},
            where=str(one.close),
            href=reverse("admin:books_month", args=[one.close.community_id, one.close.month]) + "#objections",
            do=_("去答复"),
            due=one.close.notice_until,
        )
        for one in rows[:MOST]
    ]


def _plans(user: Any) -> list[Task]:
    """Plans that wait for this approver, and those that came back to whoever writes them."""
    plans = list(waiting.plans(user).select_related("community").order_by("pk")[:MOST])
    own = entered_among(plans, user)
    return [
        Task(
            kind="plan",
            what=text,
            where=f"{one.community} · {one}",
            href=reverse("admin:facilities_project_change", args=[one.pk]),
            do=_("去修改") if one.state == ProjectState.DRAFT else _("去审批"),
        )
        for one in plans
        if (text := _plan_step(one, user, one.pk in own))
    ]


def _plan_step(plan: Project, user: Any, is_own: bool) -> str:
    if plan.state == ProjectState.DRAFT:
        return _("方案被退回：%(reason)s") % {"reason": plan.returned_for}
    if is_own or plan.street_by_id == user.pk:
        return ""
    if plan.state == ProjectState.STREET:
        return _("方案待区县审批") if is_district_approver(user, plan.community_id) else ""
    return _("方案待街道审批")


def _rooms(asked: list[Booking]) -> list[Task]:
    """Bookings that wait for this user's approval."""
    return [
        Task(
            kind="booking",
            what=_("预约待审批：%(room)s") % {"room": one.space},
            where=f"{one.community} · {day(at)} {at:%H:%M}",
            href=f"{reverse('admin:rooms_calendar')}?days=1&day={at:%Y-%m-%d}&room={one.space_id}",
            do=_("去审批"),
            due=at.date(),
        )
        for one in asked
        for at in [timezone.localtime(one.starts_at)]
    ]


def _needs(user: Any) -> list[Task]:
    """What residents lack and wish for, waiting for an answer; their words stay on the page of the need."""
    rows = waiting.needs(user)
    return [
        Task(
            kind="need",
            what=_("需求待答复：%(about)s") % {"about": one.category or _("未分类")},
            where=f"{one.community} · {day(timezone.localtime(one.raised_at))}",
            href=reverse("admin:residents_need_change", args=[one.pk]),
            do=_("去答复"),
        )
        for one in rows.select_related("community", "category").order_by("raised_at", "pk")[:MOST]
    ]


def _licences(user: Any) -> list[Task]:
    """Licences that end within a month, and those that have ended."""
    rows = waiting.licences(user)
    return [
        Task(
            kind="licence",
            what=(_("%(kind)s 已过期") if (one.days_left or 0) < 0 else _("%(kind)s 快到期"))
            % {"kind": one.get_kind_display()},
            where=str(one.provider),
            href=reverse("admin:services_provider_change", args=[one.provider_id]),
            do=_("登记新证"),
            due=one.valid_until,
        )
        for one in rows.select_related("provider").order_by("valid_until", "pk")[:MOST]
    ]


def _ending(user: Any) -> list[Task]:
    rows = waiting.agreements(user)
    return [
        Task(
            kind="agreement",
            what=_("协议快到期"),
            where=f"{one.community} · {one.provider}",
            href=reverse("admin:services_agreement_change", args=[one.pk]),
            do=_("看协议"),
            due=one.ends_on,
        )
        for one in rows.select_related("provider", "community").order_by("ends_on")[:MOST]
    ]


def summary(tasks: list[Task]) -> list[str]:
    """Say in a few words how much of each kind waits."""
    counts: dict[str, int] = {}
    for one in tasks:
        counts[one.kind] = counts.get(one.kind, 0) + one.number
    return [_said(kind, counts[kind]) for kind in SAID if kind in counts]


SAID = (
    "month",
    "books_readings",
    "books_bills",
    "books_revenue",
    "booking",
    "objection",
    "plan",
    "need",
    "licence",
    "agreement",
)


def _said(kind: str, number: int) -> str:
    texts = {
        "month": ngettext("%d 份月结等您", "%d 份月结等您", number),
        "books_readings": ngettext("%d 块表未抄", "%d 块表未抄", number),
        "books_bills": ngettext("%d 张账单未到", "%d 张账单未到", number),
        "books_revenue": ngettext("%d 份收入要办", "%d 份收入要办", number),
        "booking": ngettext("%d 个预约待审批", "%d 个预约待审批", number),
        "objection": ngettext("%d 条异议待答复", "%d 条异议待答复", number),
        "plan": ngettext("%d 份方案要办", "%d 份方案要办", number),
        "need": ngettext("%d 条需求待答复", "%d 条需求待答复", number),
        "licence": ngettext("%d 张证照到期", "%d 张证照到期", number),
        "agreement": ngettext("%d 份协议快到期", "%d 份协议快到期", number),
    }
    return texts[kind] % number

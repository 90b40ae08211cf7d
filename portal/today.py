"""The staff's opening page: what waits for whoever looks, each line a way to do it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import CloseState, MonthClose, Objection
from billing.workbench.place import CONFIRMING, DRAFTING, ENTERING, usual_month
from billing.workbench.progress import Progress, progress
from facilities.bookings.checking import DECIDING
from facilities.models import Booking, BookingState, Community, Project, ProjectState
from facilities.projects import WAITING, entered_among, is_district_approver
from portal.access import STAFF_ROLES, Role
from portal.months import Month
from services.models import Agreement

MOST = 60  # communities looked at one by one; whoever has more works from the list of months
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits: what it is, where, and the page to do it on."""

    what: str
    where: str
    href: str


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the opening page of the admin."""
    user: Any = request.user
    communities = Community.objects.visible_to(user, *STAFF_ROLES)
    month = usual_month(communities)
    mine = {one.code: one.name for one in communities.order_by("region")[:MOST]}
    tasks = [
        *_to_enter(user, month, mine),
        *_to_decide(user, mine),
        *_objections(user),
        *_plans(user),
        *_rooms(user),
        *_ending(user),
    ]
    return {**context, "title": _("工作台"), "month": month, "tasks": tasks, "has_more": len(mine) == MOST}


def _to_enter(user: Any, month: Month, mine: dict[str, str]) -> list[Task]:
    """What the month still lacks, for those who enter it."""
    codes = [code for code in mine if user.holds(code, *ENTERING)]
    if not codes:
        return []
    posted = MonthClose.objects.posted().filter(community__in=codes, month=str(month))
    done = set(posted.values_list("community_id", flat=True))
    found = progress(month, [code for code in codes if code not in done])
    return [
        Task(text, f"{mine[code]} · {month}", reverse(f"admin:{page}", args=[code, str(month)]))
        for code, steps in found.items()
        for text, page in _missing(steps, user.holds(code, *DRAFTING))
    ]


def _missing(steps: Progress, may_verify: bool) -> list[tuple[str, str]]:
    lines = []
    if number := steps.readings.missing:
        lines.append((ngettext("%d 块表未抄", "%d 块表未抄", number) % number, "books_readings"))
    if number := steps.bills.missing:
        lines.append((ngettext("%d 张账单未到", "%d 张账单未到", number) % number, "books_bills"))
    waiting = steps.revenue.waiting
    if may_verify and waiting:
        lines.append((ngettext("%d 份收入待核", "%d 份收入待核", waiting) % waiting, "books_revenue"))
    if number := max(0, steps.revenue.missing - waiting):
        lines.append((ngettext("%d 份收入未报", "%d 份收入未报", number) % number, "books_revenue"))
    return lines


def _to_decide(user: Any, mine: dict[str, str]) -> list[Task]:
    """Months that wait for this user's hand: blocked or drafted, or under notice and not yet confirmed."""
    rows = MonthClose.objects.filter(community__in=mine).exclude(state=CloseState.POSTED)
    tasks = []
    for close in rows.select_related("community").order_by("month", "community"):
        text = _step(close, user)
        if text:
            href = reverse("admin:books_month", args=[close.community_id, close.month])
            tasks.append(Task(text, f"{mine[close.community_id]} · {close.month}", href))
    return tasks


def _step(close: MonthClose, user: Any) -> str:
    drafts, confirms = user.holds(close.community_id, *DRAFTING), user.holds(close.community_id, *CONFIRMING)
    if close.state == CloseState.BLOCKED and drafts:
        return ngettext("月结受阻，%d 处要处理", "月结受阻，%d 处要处理", len(close.blocks)) % len(
            close.blocks
        )
    has_notice = close.community.notice_days > 0
    if close.state == CloseState.DRAFT and drafts and has_notice:
        return _("草稿待公示")
    waits = close.state == CloseState.NOTICE or (close.state == CloseState.DRAFT and not has_notice)
    if waits and confirms and not close.confirmed_by_id and close.drafted_by_id != user.pk:
        return _("待您确认入账")
    return ""


def _objections(user: Any) -> list[Task]:
    rows = Objection.objects.visible_to(user, *CONFIRMING).open().select_related("close__community")
    return [
        Task(
            _("异议待答复：%(text)s") % {"text": one},
            f"{one.close.community} · {one.close.month}",
            reverse("admin:books_month", args=[one.close.community_id, one.close.month]) + "#objections",
        )
        for one in rows[:MOST]
    ]


def _plans(user: Any) -> list[Task]:
    """Plans that wait for this approver, and those that came back to whoever writes them."""
    waiting = Project.objects.visible_to(user, Role.APPROVER).filter(state__in=WAITING)
    returned = Project.objects.visible_to(user, *ENTERING).filter(state=ProjectState.DRAFT)
    rows = waiting | returned.exclude(returned_for="")
    plans = list(rows.select_related("community").order_by("pk")[:MOST])
    own = entered_among(plans, user)
    return [
        Task(text, f"{one.community} · {one}", reverse("admin:facilities_project_change", args=[one.pk]))
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


def _rooms(user: Any) -> list[Task]:
    """Bookings that wait for this user's approval."""
    rows = Booking.objects.visible_to(user, *DECIDING).filter(
        state=BookingState.REQUESTED, starts_at__gt=timezone.now()
    )
    return [
        Task(
            _("预约待审批：%(room)s") % {"room": one.space},
            f"{one.community} · {timezone.localtime(one.starts_at):%m-%d %H:%M}",
            f"{reverse('admin:rooms_calendar')}?day={timezone.localtime(one.starts_at):%Y-%m-%d}",
        )
        for one in rows.exclude(booked_by=user)
        .select_related("space", "community")
        .order_by("starts_at")[:MOST]
    ]


def _ending(user: Any) -> list[Task]:
    day = timezone.localdate()
    rows = Agreement.objects.visible_to(user, *ENTERING).filter(ends_on__range=(day, day + SOON))
    return [
        Task(
            _("协议 %(on)s 到期") % {"on": one.ends_on},
            f"{one.community} · {one.provider}",
            reverse("admin:services_agreement_change", args=[one.pk]),
        )
        for one in rows.select_related("provider", "community").order_by("ends_on")[:MOST]
    ]

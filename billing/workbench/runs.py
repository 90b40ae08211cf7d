"""Runs over many communities: how far each is, what stopped whom, and the buttons to go on or stop."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from billing import closing, runs, working
from billing.models import CloseRun, CloseState
from billing.workbench.place import DRAFTING, page, parse_month
from facilities.models import Community, Region
from portal.access import STAFF_ROLES
from portal.months import in_words

PER_PAGE = 100
GOOD = (CloseState.POSTED, CloseState.NOTICE, CloseState.DRAFT)


@require_GET
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    run = _find(request, pk)
    if request.headers.get("HX-Request"):
        shown = _progress(request, run)
        response = render(request, "billing/workbench/_run_progress.html", shown)
        if shown["progress"].is_over:
            response["HX-Refresh"] = "true"  # the list below, too, is of the end now
        return response
    found = sorted(runs.outcomes(run), key=lambda one: (one.state in GOOD, one.code))
    rows = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    names = dict(Community.objects.filter(pk__in=[one.code for one in rows]).values_list("pk", "name"))
    title = _("%(region)s %(month)s 月结任务") % {"region": run.region, "month": in_words(run.month)}
    errors = runs.failures(run)
    lines = [(one, names.get(one.code, one.code), _why(errors.get(one.code, ""))) for one in rows]
    return page(
        request, "billing/workbench/run.html", title, rows=rows, lines=lines, **_progress(request, run)
    )


def _find(request: HttpRequest, pk: int) -> CloseRun:
    rows = CloseRun.objects.visible_to(request.user, *STAFF_ROLES).select_related("region", "requested_by")
    return get_object_or_404(rows, pk=pk)


def _why(error: str) -> str:
    """What a failure means for the books and what to do about it."""
    if error == working.WORKER_LOST:
        return _(
            "处理这一批的后台程序连续 %(number)d 次中途停掉（多半是内存不够），已不再自动重试。"
            "没有写入半截的账，其余社区不受影响。可以再试：会逐个社区单独做，只有真正有问题的那个会再停下。"
        ) % {"number": working.MOST_ATTEMPTS}
    if error:
        return _(
            "程序出错（%(error)s），这个社区什么都没有写入，其余社区不受影响。"
            "可以再试；再试还出错，请把这一行告诉管理员。"
        ) % {"error": error}
    return ""


def _progress(request: HttpRequest, run: CloseRun) -> dict[str, Any]:
    now = runs.progress(run)
    is_going = not (now.is_over or now.is_idle or run.cancelled_at)
    left = _left(now) if is_going else ""
    return {"run": run, "progress": now, "left": left, "may_act": _may_act(request, run)}


def _left(now: runs.Progress) -> str:
    seconds = now.seconds_left
    if seconds is None:
        return _("正在估算还要多久")
    if seconds <= 0:
        number = now.total - now.handled
        return ngettext("比预计久，还在做最后 %d 个社区", "比预计久，还在做最后 %d 个社区", number) % number
    if seconds < 100:
        return _("约还要 %(seconds)d 秒") % {"seconds": max(1, round(seconds))}
    return _("约还要 %(minutes)d 分钟") % {"minutes": round(seconds / 60)}


def _may_act(request: HttpRequest, run: CloseRun) -> bool:
    """Drafts are the accountant's; a run that posts is an administrator's alone."""
    if run.goal != closing.Goal.DRAFT:
        return bool(request.user.is_superuser)
    return request.user.holds(run.region_id, *DRAFTING)  # type: ignore[union-attr]


@require_POST
def run_do(request: HttpRequest, pk: int) -> HttpResponse:
    run = _find(request, pk)
    if not _may_act(request, run):
        raise PermissionDenied
    if request.POST.get("do") == "cancel":
        runs.cancel(run, by=request.user)
        messages.success(request, _("已叫停：手上的做完就停，已入账的不受影响，其余可以随时继续。"))
    elif request.POST.get("do") == "resume":
        runs.resume(run, by=request.user)
        messages.success(request, _("已继续：只做还没有完成的社区。"))
    elif request.POST.get("do") == "retry":
        run = runs.retry(run, by=request.user)
        messages.success(request, _("已另起一次月结，只做刚才出错或被拦下的社区。"))
    return HttpResponseRedirect(reverse("admin:books_run", args=[run.pk]))


@require_POST
def run_start(request: HttpRequest) -> HttpResponse:
    """Order the drafts of a month for every community of a region."""
    month = parse_month(request.POST.get("month", ""))
    regions = Region.objects.visible_to(request.user, *DRAFTING)
    region = get_object_or_404(regions, pk=request.POST.get("region", ""))
    run = runs.start(str(month), region, closing.Goal.DRAFT, by=request.user)
    return HttpResponseRedirect(reverse("admin:books_run", args=[run.pk]))

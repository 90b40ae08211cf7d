"""One community's month on one page: what is in, what stops it, what came out and how."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing.models import CloseState, CommunityMonth, MonthClose
from billing.review import findings
from billing.timely import has_begun, is_over
from billing.workbench.mending import href, mends
from billing.workbench.place import Place, find, page
from billing.workbench.progress import progress
from billing.workbench.told import tell


@require_GET
def month_page(request: HttpRequest, code: str, month: str) -> HttpResponse:
    place = find(request, code, month)
    close = close_of(place)
    context: dict[str, Any] = {
        "place": place,
        "close": close,
        "state": close.state if close else "open",
        "steps": progress(place.month, [code])[code],
        "actions": actions(place, close),
        "too_early": _too_early(place, close),
        "mends": mends(place, close.blocks) if close else [],
        "objections": list(close.objections.select_related("raised_by", "answered_by")) if close else [],
        "told": tell(close) if close and close.state != CloseState.BLOCKED else None,
        "figures": CommunityMonth.objects.filter(close=close).first() if close else None,
    }
    return page(
        request, "billing/workbench/month.html", f"{place.community} · {place.month.words}", **context
    )


def close_of(place: Place) -> MonthClose | None:
    rows = MonthClose.objects.filter(community=place.community, month=str(place.month))
    return rows.select_related("community", "drafted_by", "confirmed_by").first()


def actions(place: Place, close: MonthClose | None) -> list[dict[str, Any]]:
    """Return the steps the user may take now, the main one first."""
    state = close.state if close else "open"
    if state == CloseState.POSTED:
        return []
    found = []
    if close and _waits_for(place, close) and is_over(place.month):
        found.append({"do": "confirm", "word": _("确认入账"), "main": True})
    if state == CloseState.DRAFT and place.community.notice_days > 0 and place.may_draft:
        found.append({"do": "publish", "word": _("公示"), "main": True})
    if state in ("open", CloseState.BLOCKED, CloseState.DRAFT) and place.may_draft and has_begun(place.month):
        word = _("生成草稿") if state == "open" else _("重新生成草稿")
        found.append({"do": "draft", "word": word, "main": not found})
    if state == CloseState.NOTICE and (place.may_draft or place.may_confirm):
        found.append({"do": "withdraw", "word": _("撤回公示"), "main": False})
    return found


def _waits_for(place: Place, close: MonthClose) -> bool:
    """Whether the month waits for this user's confirmation; once confirmed, again if it was held back."""
    if not place.may_confirm or close.drafted_by_id == place.user.pk:
        return False
    if close.state == CloseState.DRAFT:
        return place.community.notice_days == 0
    return close.state == CloseState.NOTICE and (not close.confirmed_by_id or close.was_shown)


def _too_early(place: Place, close: MonthClose | None) -> str:
    """What this user would do here, if it were time."""
    if place.may_draft and not has_begun(place.month):
        return _("这个月还没有开始，到时再算草稿。")
    if close and _waits_for(place, close) and not is_over(place.month):
        number = place.month.next().number
        return _("这个月还没有过完，%(number)d 月 1 日起才能确认入账。") % {"number": number}
    return ""


@require_GET
def review(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """What looks wrong before anyone closes; a fragment of the month's page."""
    place = find(request, code, month)
    found = [(one, href(place, one.kind, one.subject, one.ref)) for one in findings(month, [code])]
    return render(request, "billing/workbench/_review.html", {"place": place, "findings": found})

"""The steps of a month as buttons: each calls its operation and comes back to the month."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import closing, objections
from billing.models import CloseState, MonthClose, Objection
from billing.timely import expect_begun
from billing.workbench.mending import href
from billing.workbench.place import CONFIRMING, DRAFTING, ENTERING, Place, find, page
from portal.months import in_words

ROLES = {
    "draft": DRAFTING,
    "publish": DRAFTING,
    "confirm": CONFIRMING,
    "withdraw": (*DRAFTING, *CONFIRMING),
}


@require_POST
def step(request: HttpRequest, code: str, month: str) -> HttpResponse:
    name = request.POST.get("do", "")
    place = find(request, code, month, *ROLES.get(name, DRAFTING))
    if name == "draft":
        _draft(request, place)
    elif name in ROLES:
        close = get_object_or_404(MonthClose, community=place.community, month=str(place.month))
        if name == "confirm":
            return _confirm(request, place, close)
        getattr(closing, name)(close, by=request.user)
        close.refresh_from_db()
        messages.success(request, _said(name, close))
    return HttpResponseRedirect(place.home)


def _said(name: str, close: MonthClose) -> str:
    """Say what happened, and what comes next."""
    if name == "publish":
        return _("已公示到 %(month)d月%(day)d日；请街道审批人确认。") % _until(close)
    return _("公示已撤回，现在是草稿。")


def _confirm(request: HttpRequest, place: Place, close: MonthClose) -> HttpResponse:
    """Confirm, or show what the month lacks and ask whether to confirm it all the same."""
    try:
        outcome = closing.confirm(
            close, by=request.user, though_incomplete="though_incomplete" in request.POST
        )
    except closing.Incomplete as refused:
        lacking = [(one, href(place, one.kind, one.subject, one.ref)) for one in refused.lacking]
        title = _("%(place)s %(month)s 确认入账") % {"place": place.community, "month": place.month.words}
        answer = page(
            request, "billing/workbench/confirm.html", title, place=place, close=close, lacking=lacking
        )
        answer.status_code = 422
        return answer
    close.refresh_from_db()
    kept = outcome.state in (CloseState.POSTED, CloseState.NOTICE)
    messages.add_message(request, messages.SUCCESS if kept else messages.WARNING, _confirmed(close))
    return HttpResponseRedirect(place.home)


def _confirmed(close: MonthClose) -> str:
    """What became of a month that was just confirmed."""
    if close.state == CloseState.POSTED:
        return _("%(month)s 已入账，可以打印对账单。") % {"month": in_words(close.month)}
    if close.objections.filter(answered_at=None).exists() and close.was_shown:
        return _("没有入账：还有没答复的异议。请先答复。")
    if close.state == CloseState.NOTICE:
        text = _("确认已记下；公示到 %(month)d月%(day)d日，期满后没有未答复的异议、也不缺数据，就入账。")
        return text % _until(close)
    if close.state == CloseState.BLOCKED:
        text = _("没有确认，也没有入账：草稿之后数据有变，现在有 %(count)s 处要先处理，见下。")
        return text % {"count": len(close.blocks)}
    return _("没有确认，也没有入账：草稿之后数据有变，已按现在的数据重算了草稿。请核对新的数字，再确认。")


def _until(close: MonthClose) -> dict[str, int]:
    until = close.notice_until
    return {"month": until.month, "day": until.day} if until else {}


def _draft(request: HttpRequest, place: Place) -> None:
    expect_begun(place.month)
    (outcome,) = closing.draft(str(place.month), [place.code], by=request.user)
    if outcome.state == CloseState.BLOCKED:
        text = _("还算不出来：有 %(count)s 处要先处理，见下。") % {"count": len(outcome.blocks)}
        messages.warning(request, text)
    else:
        messages.success(request, _("草稿已生成，请核对每一笔。"))


@require_POST
def raise_objection(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """Take down what somebody holds against a published month."""
    place = find(request, code, month, *ENTERING, *CONFIRMING)
    close = get_object_or_404(MonthClose, community=place.community, month=str(place.month))
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, _("请写明异议内容。"))
    else:
        who = request.POST.get("raised_for", "").strip()[:40]
        objections.raise_objection(close, text[:2000], by=request.user, raised_for=who)
        messages.success(request, _("异议已记下；答复之前这个月不会入账。"))
    return HttpResponseRedirect(f"{place.home}#objections")


@require_POST
def answer_objection(request: HttpRequest, code: str, month: str, pk: int) -> HttpResponse:
    place = find(request, code, month, *CONFIRMING)
    rows = Objection.objects.filter(close__community=place.community, close__month=str(place.month))
    objection = get_object_or_404(rows, pk=pk)
    text = request.POST.get("answer", "").strip()
    if not text:
        messages.error(request, _("请写明答复。"))
    else:
        objections.answer(objection, text[:2000], by=request.user)
        messages.success(request, _("已答复。"))
    return HttpResponseRedirect(f"{place.home}#objections")

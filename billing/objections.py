"""Objections to a month under notice: while one is open, the month is not posted."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import CloseState, MonthClose, Objection
from portal import audit
from portal.errors import Refused
from portal.months import in_words
from portal.notifications import tell


class ObjectionRefused(Refused):
    """An objection or an answer that the state of the month does not allow."""


@transaction.atomic
def raise_objection(close: MonthClose, text: str, *, by: Any, raised_for: str = "") -> Objection:
    """Object to a month under notice; `raised_for` names whom staff write it down for."""
    close = MonthClose.objects.select_for_update().get(pk=close.pk)
    if close.state != CloseState.NOTICE:
        raise ObjectionRefused(_("只有公示中的月份可以提异议。已入账的有误，请联系社区做更正。"))
    if not text.strip():
        raise ObjectionRefused(_("请写明哪一笔有什么问题。"))
    objection = Objection.objects.create(
        close=close, text=text.strip(), raised_by=by, raised_for=raised_for.strip()
    )
    audit.record("objection.raised", close, by=by, objection=objection.pk)
    return objection


@transaction.atomic
def answer(objection: Objection, text: str, *, by: Any) -> None:
    """Answer an objection, in words, once; whoever raised it does not answer it."""
    objection = Objection.objects.select_for_update(of=("self",)).select_related("close").get(pk=objection.pk)
    if objection.answered_at is not None:
        raise ObjectionRefused(_("这条异议已经答复过。"))
    if objection.raised_by_id == by.pk:
        raise ObjectionRefused(_("不能答复自己提出的异议。"))
    if not text.strip():
        raise ObjectionRefused(_("答复不能为空。"))
    objection.answer, objection.answered_by, objection.answered_at = text.strip(), by, timezone.now()
    objection.save(update_fields=["answer", "answered_by", "answered_at"])
    audit.record("objection.answered", objection.close, by=by, objection=objection.pk)
    _tell(objection)


def _tell(objection: Objection) -> None:
    """Tell who objected that there is an answer; staff who wrote it down pass it on."""
    month, place = in_words(objection.close.month), objection.close.community
    text = _("您对%(place)s %(month)s 账目提的异议已经答复，请打开公示页看答复。")
    if objection.raised_for:
        text = _("您在窗口代录的对%(place)s %(month)s 账目的异议已经答复，请转告提出的人。")
    tell(
        objection.raised_by,
        "objection.answered",
        subject=None,
        title=_("异议已答复"),
        text=text % {"place": place, "month": month},
        url=reverse("objections", args=[place.pk, objection.close.month]),
        key=f"objection:{objection.pk}:answered",
    )

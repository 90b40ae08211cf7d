"""我有异议: what people hold against a month under notice, and the answers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from billing import objections
from billing.models import CloseState, MonthClose
from portal.access import Role
from portal.site.months import OpenMonth, frame_of, open_month
from services.models import Agreement

ON_BEHALF = (Role.CLERK, Role.ACCOUNTANT, Role.APPROVER)


class ObjectionForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("哪一笔不对，为什么"),
        help_text=gettext_lazy("请不要写身份证号、电话等个人信息，内容会公开。"),
        max_length=2000,
        widget=forms.Textarea,
    )
    raised_for = forms.CharField(
        label=gettext_lazy("代谁提出"),
        help_text=gettext_lazy("居民到窗口提出时，由工作人员代录。"),
        max_length=40,
        required=False,
    )

    def __init__(self, *args: Any, on_behalf: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not on_behalf:
            del self.fields["raised_for"]


def speaks_for_others(user: Any, code: str) -> bool:
    return user.is_authenticated and user.holds(code, *ON_BEHALF)


def may_object(user: Any, close: MonthClose) -> bool:
    """Residents of the community, members of a provider in it, and its staff on somebody's behalf."""
    if close.state != CloseState.NOTICE or not user.is_authenticated:
        return False
    code = close.community_id
    if user.holds(code, Role.RESIDENT, *ON_BEHALF):
        return True
    return Agreement.objects.filter(community=code, provider__in=user.provider_ids).exists()


@login_not_required
@require_http_methods(["GET", "POST"])
def month_objections(request: HttpRequest, code: str, month: str) -> HttpResponse:
    found = open_month(request, code, month)
    on_behalf = speaks_for_others(request.user, code)
    if request.method == "POST":
        return _raise(request, found, ObjectionForm(request.POST, on_behalf=on_behalf))
    form = ObjectionForm(on_behalf=on_behalf) if may_object(request.user, found.close) else None
    return _page(request, found, form)


def _raise(request: HttpRequest, found: OpenMonth, form: ObjectionForm) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if found.close.state == CloseState.NOTICE and not may_object(request.user, found.close):
        raise PermissionDenied
    if not form.is_valid():
        return _page(request, found, form, status=422)
    objections.raise_objection(
        found.close, form.cleaned_data.pop("text"), by=request.user, **form.cleaned_data
    )
    messages.success(request, _("异议已收到，答复前这个月不会入账。"))
    return redirect("objections", found.community.code, found.close.month)


def _page(
    request: HttpRequest, found: OpenMonth, form: ObjectionForm | None, status: int = 200
) -> HttpResponse:
    context = frame_of(request, found) | {
        "form": form,
        "objections": found.close.objections.order_by("raised_at"),
        "login_here": redirect_to_login(request.get_full_path()).url,
    }
    return render(request, "site/objections.html", context, status=status)

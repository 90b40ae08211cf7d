"""我的: what is known of me, my family, what I agreed to, who looked; take it along, or be forgotten."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from facilities.models import Community
from residents import accounts, consents, family, privacy, takeaway
from residents.forms import AboutForm, FamilyForm, JoinForm
from residents.models import Purpose, Resident

FOUND = 12


def my_resident(request: HttpRequest) -> Resident | None:
    rows = Resident.objects.known().select_related("community__region__parent", "household", "account")
    return rows.filter(account=request.user.pk).first()


def resident_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pages of a resident; whoever is not registered yet is asked for their community first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        resident = my_resident(request)
        return view(request, resident, *args, **kwargs) if resident else redirect("me_join")

    return guarded


class Line(NamedTuple):
    """One consent as its giver reads it."""

    person: Resident
    purpose: str
    title: str
    text: str
    follows: str
    given: Any  # the consent in force, or None


def consents_of(person: Resident) -> list[Line]:
    live = {one.purpose: one for one in person.consents.in_force()}
    wanted = [consents.needed_by(person)]
    if person.account_id and Purpose.PHONE in live:
        wanted.append(Purpose.PHONE)
    return [
        Line(
            person,
            purpose.value,
            str(purpose.label),
            consents.text_of(purpose),
            str(consents.FOLLOWS[purpose]),
            live.get(purpose),
        )
        for purpose in wanted
    ]


@require_GET
@resident_required
def me(request: HttpRequest, resident: Resident) -> HttpResponse:
    ties = resident.acts_for.select_related("member").order_by("pk")
    agreed = set(Resident.objects.acted_for_by(request.user).agreed().values_list("pk", flat=True))
    missing = [one for one in (resident, *(tie.member for tie in ties)) if one.pk not in agreed]
    context = {
        "resident": resident,
        "ties": ties,
        "missing": missing,
        "views": resident.views.all()[:5],
    }
    return render(request, "residents/me.html", context)


def communities_named(text: str) -> Any:
    """Communities by their own or their street's name; none before something is asked."""
    words = text.split()[:4]
    found = Community.objects.select_related("region__parent__parent") if words else Community.objects.none()
    for word in words:
        found = found.filter(
            Q(name__contains=word) | Q(region__name__contains=word) | Q(region__parent__name__contains=word)
        )
    return found.order_by("region")[:FOUND]


def _choice(request: HttpRequest) -> dict[str, Any]:
    """The community chosen, or those found by the words asked for."""
    asked = request.GET.get("q", "").strip()[:40]
    code = request.GET.get("community", "")
    chosen = Community.objects.filter(pk=code).first() if code.isdigit() and len(code) == 12 else None
    return {"q": asked, "chosen": chosen, "found": communities_named(asked)}


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Choose a community, then tell the least that is needed."""
    if my_resident(request):
        return redirect("me")
    choice = _choice(request)
    user: Any = request.user
    initial = {"called": user.display_name}
    if user.phone_verified:  # offered, and kept only with the consent that the form asks for
        initial["phone"] = user.phone.removeprefix("+86")
    form = JoinForm(request.POST or None, initial=initial)
    is_posted = request.method == "POST"
    if is_posted and choice["chosen"] and form.is_valid():
        accounts.join(choice["chosen"], form.told(), by=request.user)
        messages.success(request, _("登记好了。"))
        return redirect("me")
    return render(request, "residents/join.html", choice | {"form": form}, status=422 if is_posted else 200)


@require_http_methods(["GET", "POST"])
@resident_required
def move(request: HttpRequest, resident: Resident) -> HttpResponse:
    choice = _choice(request)
    if request.method == "POST":
        if choice["chosen"] is None:
            raise Http404
        accounts.move(resident, choice["chosen"], by=request.user)
        messages.success(request, _("已换到%s。") % choice["chosen"].name)
        return redirect("me")
    return render(request, "residents/move.html", choice | {"resident": resident})


@require_http_methods(["GET", "POST"])
@resident_required
def change(request: HttpRequest, resident: Resident) -> HttpResponse:
    initial = {
        "called": resident.called,
        "birth_year": resident.birth_year,
        "phone": resident.phone.removeprefix("+86"),
        "label": resident.household.label if resident.household else "",
        "agrees_phone": bool(resident.phone),
    }
    form = AboutForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        accounts.change(resident, form.told(), by=request.user)
        messages.success(request, _("已保存。"))
        return redirect("me")
    return render(request, "residents/change.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@resident_required
def family_add(request: HttpRequest, resident: Resident) -> HttpResponse:
    form = FamilyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        member = family.add(resident, form.told(), form.cleaned_data["kind"], by=request.user)
        messages.success(request, _("已添加%s，现在可以为这位家人预约。") % member.called)
        return redirect("me")
    context = {
        "form": form,
        "texts": [consents.text_of(Purpose.CHILD), consents.text_of(Purpose.SERVICE)],
    }
    return render(request, "residents/family.html", context, status=422 if form.is_bound else 200)


@require_POST
@resident_required
def family_remove(request: HttpRequest, resident: Resident, pk: int) -> HttpResponse:
    tie = get_object_or_404(resident.acts_for.select_related("member"), pk=pk)
    family.remove(resident, tie.member)
    messages.success(request, _("已移除，不再为这位家人代办。"))
    return redirect("me")


@require_http_methods(["GET", "POST"])
@resident_required
def my_consents(request: HttpRequest, resident: Resident) -> HttpResponse:
    """Give or withdraw, for oneself and for those one acts for."""
    if request.method == "POST":
        known = Resident.objects.acted_for_by(request.user)
        number = request.POST.get("person", "")
        person = get_object_or_404(known, pk=number if number.isdecimal() and len(number) < 10 else None)
        purpose = request.POST.get("purpose", "")
        if purpose not in Purpose.values:
            raise Http404
        if request.POST.get("do") == "withdraw":
            consents.withdraw(person, purpose)
            messages.success(request, _("已撤回。"))
        else:
            channel = "site" if person == resident else "family"
            consents.give(person, purpose, by=request.user, channel=channel)
            messages.success(request, _("已同意。"))
        return redirect("me_consents")
    people = [resident, *(tie.member for tie in resident.acts_for.select_related("member").order_by("pk"))]
    lines = [line for person in people for line in consents_of(person)]
    past = resident.consents.exclude(withdrawn_at=None)[:10]
    return render(request, "residents/consents.html", {"lines": lines, "past": past})


@require_GET
@resident_required
def my_data(request: HttpRequest, resident: Resident, form: str) -> HttpResponse:
    data = takeaway.data_of(resident, request.user)
    if form == "json":
        response: HttpResponse = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    elif form == "csv":
        response = HttpResponse("\ufeff" + takeaway.as_csv(data), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="liren-my-data.{form}"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@resident_required
def erase(request: HttpRequest, resident: Resident) -> HttpResponse:
    """Be forgotten; asked once more, since it cannot be undone."""
    if request.method == "POST" and request.POST.get("sure") == "1":
        privacy.erase(resident)
        logout(request)
        messages.success(request, _("已注销，您的个人信息已经清除。"))
        return redirect("home")
    status = 422 if request.method == "POST" else 200
    ties = resident.acts_for.select_related("member").order_by("pk")
    context = {"resident": resident, "ties": ties, "asked": status == 422}
    return render(request, "residents/erase.html", context, status=status)

"""Find a room, see when it is free, book it."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from facilities import bookings
from facilities.bookings import Availability, OnConflict, Wish, whom
from facilities.bookings.checking import is_staff_of
from facilities.models import Booking, Photo, Space
from facilities.opening import lines_for
from portal.personal import check_words

PER_PAGE = 24
DAYS = 14


@require_GET
def rooms(request: HttpRequest) -> HttpResponse:
    """Rooms this reader may book, by words and number of people."""
    asked = request.GET.get("q", "").strip()[:40].replace("\x00", "")
    people = _number(request.GET.get("people"), 1)
    found = Space.objects.open_to(request.user).bookable().filter(capacity__gte=people)
    for word in asked.split()[:4]:
        places = Q(facility__name__contains=word) | Q(community__name__contains=word)
        found = found.filter(Q(name__contains=word) | Q(uses__contains=word) | places)
    found = found.select_related("rule", "facility__community", "category")
    page = Paginator(found.order_by("community", "facility", "floor", "name"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "facilities/rooms.html", {"page": page, "q": asked, "people": people})


def _number(text: str | None, usual: int) -> int:
    return min(int(text), 9999) if text and text.isascii() and text.isdigit() and len(text) < 5 else usual


class PersonField(forms.ModelChoiceField):
    """People by what they want to be called, businesses by their name."""

    def label_from_instance(self, row: Any) -> str:
        return row.called if hasattr(row, "called") else _("以 %s 名义") % row


class BookingForm(forms.Form):
    """A start among those of the day, how long, for how many."""

    start = forms.ChoiceField(label=gettext_lazy("从几点开始"))
    people = forms.IntegerField(label=gettext_lazy("人数"), min_value=1, initial=1)
    purpose = forms.CharField(
        label=gettext_lazy("用来做什么"),
        help_text=gettext_lazy("请不要写身份证号、电话等个人信息。"),
        max_length=80,
        required=False,
        validators=[check_words],
    )
    times = forms.IntegerField(
        label=gettext_lazy("每周同一时间，共几次"), min_value=1, max_value=26, initial=1
    )
    on_conflict = forms.ChoiceField(
        label=gettext_lazy("有的日期约不上时"),
        choices=[
            (OnConflict.SUGGEST.value, gettext_lazy("跳过，并告诉我别的时间")),
            (OnConflict.SKIP.value, gettext_lazy("跳过")),
            (OnConflict.FAIL.value, gettext_lazy("全部不约")),
        ],
    )
    booked_for = forms.CharField(
        label=gettext_lazy("代谁预约"),
        help_text=gettext_lazy("居民到窗口来约时填称呼，如张阿姨。"),
        max_length=40,
        required=False,
        validators=[check_words],
    )
    phone = forms.CharField(
        label=gettext_lazy("居民的手机号"),
        help_text=gettext_lazy("已登记的居民按完整号码查找，约好后本人在“我的预约”里看得到。"),
        max_length=20,
        required=False,
    )
    whom = PersonField(None, label=gettext_lazy("为谁预约"), required=False)

    business = PersonField(None, label=gettext_lazy("以谁的名义"), required=False)

    def __init__(
        self,
        *args: Any,
        starts: list[tuple[str, list[tuple[str, str]]]],
        space: Space,
        by: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].choices = starts  # type: ignore[attr-defined]
        self.fields["people"].validators.append(
            MaxValueValidator(space.capacity, _("这里最多容纳 %d 人。") % space.capacity)
        )
        self.fields["people"].widget.attrs["max"] = space.capacity
        is_staff = is_staff_of(space, by)
        given = self.data.get("phone", "") if is_staff else ""
        found = whom.found_by_phone(space, given) if is_staff else whom.family_of(by)
        self.fields["whom"].queryset = found  # type: ignore[attr-defined]
        self.fields["whom"].empty_label = _("请选择") if is_staff else _("我自己")  # type: ignore[attr-defined]
        self.found = list(found) if given or not is_staff else []
        self.fields["business"].queryset = whom.businesses_of(by)  # type: ignore[attr-defined]
        self.fields["business"].empty_label = _("我自己")  # type: ignore[attr-defined]
        if not by.provider_ids:
            del self.fields["business"]
        if not is_staff:
            del self.fields["booked_for"], self.fields["phone"]
        if len(self.found) < (2 if is_staff else 1):
            del self.fields["whom"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("business") and (data.get("whom") or data.get("phone")):
            self.add_error("business", _("以服务商名义预约时，不能同时为居民预约。"))
        if data.get("phone") and not self.found:
            self.add_error("phone", _("本社区没有登记这个号码的居民，或本人没有同意预约。可以改填称呼。"))
        elif data.get("phone") and len(self.found) == 1:
            data["whom"] = self.found[0]
        elif data.get("phone") and not data.get("whom"):
            self.add_error("whom", _("这个号码登记了几位居民，请选一位。"))
        return data


@require_http_methods(["GET", "POST"])
def room(request: HttpRequest, pk: int) -> HttpResponse:
    found = Space.objects.open_to(request.user).bookable()
    space = get_object_or_404(found.select_related("rule", "facility__community", "category", "zone"), pk=pk)
    day, length = _day(request), _length(request, space)
    free = Availability.load([space], day, day)
    form_of: dict[str, Any] = {
        "space": space,
        "by": request.user,
        "starts": _starts(request, free, space, day, length),
    }
    if request.method == "POST":
        form = BookingForm(request.POST, **form_of)
        if form.is_valid():
            return _book(request, space, length, form.cleaned_data)
        return _page(request, space, day, length, form, free, status=422)
    initial = {"start": request.GET.get("start", "")}
    return _page(request, space, day, length, BookingForm(initial=initial, **form_of), free)


def _day(request: HttpRequest) -> dt.date:
    """The day asked for, or today; nothing more than two years away."""
    today = timezone.localdate()
    try:
        asked = parse_date(request.GET.get("day", "")) or today
    except ValueError:
        asked = today
    return asked if abs(asked - today) < dt.timedelta(days=730) else today


def _length(request: HttpRequest, space: Space) -> int:
    usual = space.rule.usual_minutes
    return _number(request.GET.get("minutes"), usual) or usual


def _starts(
    request: HttpRequest, found: Availability, space: Space, day: dt.date, length: int
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every time of the day that is free, then those one may wait for, in words."""
    free, taken = [], []
    for start in found.grid(space, day):
        wish = Wish(space, start, start + dt.timedelta(minutes=length))
        refusal = found.why_not(wish, by=request.user)
        at, until = timezone.localtime(start), timezone.localtime(wish.end)
        value, times = f"{at:%Y-%m-%dT%H:%M}", {"from": f"{at:%H:%M}", "until": f"{until:%H:%M}"}
        if refusal is None:
            free.append((value, _("%(from)s–%(until)s 空闲") % times))
        elif refusal.reason == "taken":
            taken.append((value, _("%(from)s–%(until)s 已约，可候补") % times))
    groups = ((_("空闲"), free), (_("已约，可候补"), taken))
    return [(word, choices) for word, choices in groups if choices]


def _book(request: HttpRequest, space: Space, length: int, data: dict[str, Any]) -> HttpResponse:
    start = timezone.make_aware(dt.datetime.fromisoformat(data["start"]))
    wish = Wish(
        space,
        start,
        start + dt.timedelta(minutes=length),
        data["people"],
        data["purpose"],
        data.get("booked_for", ""),
        provider_id=data["business"].pk if data.get("business") else None,
        resident_id=data["whom"].pk if data.get("whom") else None,
    )
    if "wait" in request.POST:
        bookings.wait(wish, by=request.user)
        messages.success(request, _("已排进候补；有人取消就为您保留，请在“我的预约”里确认。"))
        return redirect("my_bookings")
    if data["times"] == 1:
        made = bookings.book(wish, by=request.user)
        messages.success(
            request, _("约好了。") if made.state == "confirmed" else _("已提交，等社区审批，结果会告诉您。")
        )
        return redirect("my_bookings")
    wishes = bookings.weekly(wish, data["times"])
    result = bookings.book_series(wishes, by=request.user, on_conflict=OnConflict(data["on_conflict"]))
    return render(request, "facilities/series.html", {"space": space, "result": result})


def _page(
    request: HttpRequest,
    space: Space,
    day: dt.date,
    length: int,
    form: BookingForm,
    free: Availability,
    status: int = 200,
) -> HttpResponse:
    rule, today = space.rule, timezone.localdate()
    shortest = -(-rule.shortest_minutes // rule.step_minutes) * rule.step_minutes
    lengths = range(shortest, rule.longest_minutes + 1, rule.step_minutes)
    limit = rule.per_person if free.is_at_limit(space, by=request.user) else 0
    context = {
        "space": space,
        "limit": limit,
        "rule": rule,
        "day": day,
        "days": [today + dt.timedelta(days=number) for number in range(min(DAYS, rule.horizon_days + 1))],
        "minutes": length,
        "lengths": list(lengths)[:40],
        "form": form,
        "has_starts": bool(form.fields["start"].choices),  # type: ignore[attr-defined]
        "year_unknown": not free.timetable.days.is_known(day.year),
        "photos": Photo.objects.open_to(request.user).filter(space=space),
        "hours": lines_for(space),
    }
    return render(request, "facilities/room.html", context, status=status)


@require_GET
def my_bookings(request: HttpRequest) -> HttpResponse:
    mine = Booking.objects.of(request.user).select_related(
        "space__facility__community", "resident", "provider"
    )
    now = timezone.now()
    is_done = Q(ends_at__lte=now) | Q(state__in=bookings.CAME_TO_NOTHING)
    context = {
        "coming": mine.exclude(is_done).order_by("starts_at"),
        "past": mine.filter(is_done)[:PER_PAGE],
        "now": now,
        "soon": now + dt.timedelta(minutes=30),
    }
    return render(request, "facilities/my_bookings.html", context)


STEPS = {"cancel": bookings.cancel, "accept": bookings.accept}


@require_http_methods(["POST"])
def my_booking_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel, or confirm a held time; one's own bookings only. Who has come says so at the door."""
    booking = get_object_or_404(Booking.objects.of(request.user).select_related("space"), pk=pk)
    step = STEPS.get(request.POST.get("do", ""))
    if step is not None:
        step(booking, by=request.user)
        messages.success(request, _("已办好。"))
    return redirect("my_bookings")

"""我的消息: what was told to whoever is signed in, and by which channels they want to hear of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.models import Channel, Message, Topic, User
from portal.notifications import choose, email_of, phone_of, readable, wishes_of
from portal.personal import mask_phone

PAGE = 20


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first; a link only to what the reader may open."""
    user: Any = request.user
    page = Paginator(Message.objects.visible_to(user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "readable": readable(list(page), user)}
    return render(request, "site/inbox.html", context)


@require_POST
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message read, and go to what it is about if that was asked and may be seen."""
    user: Any = request.user
    found = get_object_or_404(Message.objects.visible_to(user), pk=pk)
    Message.objects.filter(pk=found.pk, read_at=None).update(read_at=timezone.now())
    if request.POST.get("do") != "open":
        return redirect("inbox")
    if found.pk not in readable([found], user):
        messages.info(request, _("这条消息说的内容现在打不开了：可能已删除，或您不再负责那里。"))
        return redirect("inbox")
    return redirect(found.url)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every message read."""
    Message.objects.visible_to(request.user).unread().update(read_at=timezone.now())
    return redirect("inbox")


class ChannelForm(forms.Form):
    """A box for each topic and channel, but for what always comes."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for (topic, channel), wanted in wishes_of(user).items():
            if topic in self.topics():
                self.fields[f"{topic}-{channel}"] = forms.BooleanField(
                    label=Channel(channel).label, required=False, initial=wanted
                )

    def topics(self) -> list[Topic]:
        """What can be chosen: only staff export lists."""
        left_out = {Topic.SECURITY} if self.user.is_staff else {Topic.SECURITY, Topic.FILES}
        return [topic for topic in Topic if topic not in left_out]

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"label": topic.label, "boxes": [self[f"{topic}-{channel}"] for channel in Channel]}
            for topic in self.topics()
        ]

    def wanted(self) -> dict[tuple[str, str], bool]:
        pairs = (name.split("-") for name in self.fields)
        return {(topic, channel): self.cleaned_data[f"{topic}-{channel}"] for topic, channel in pairs}


@require_http_methods(["GET", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """Which topics come by e-mail and SMS too; the inbox has them all."""
    user: Any = request.user
    form = ChannelForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        choose(user, form.wanted())
        messages.success(request, _("已保存。"))
        return redirect("channels")
    phone = phone_of(user)
    context = {"form": form, "email": email_of(user), "phone": mask_phone(phone) if phone else ""}
    return render(request, "site/channels.html", context)

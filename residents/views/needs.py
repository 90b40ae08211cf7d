"""说说: say what one lacks or wishes for, and read what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from residents import needs as acts
from residents.forms import NeedForm
from residents.models import Need, Resident
from residents.views.me import resident_required


@require_http_methods(["GET", "POST"])
@resident_required
def needs(request: HttpRequest, resident: Resident) -> HttpResponse:
    form = NeedForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        acts.say(resident, form.cleaned_data["text"], form.cleaned_data["category"])
        messages.success(request, _("收到了，社区答复后您会在这里看到。"))
        return redirect("needs")
    said = Need.objects.said_by(request.user).select_related("category")[:50]
    context = {"form": form, "said": said, "resident": resident}
    return render(request, "residents/needs.html", context, status=422 if form.is_bound else 200)

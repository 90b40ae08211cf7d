"""The files of photos: only to who may see what they show, never by an address of their own."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from facilities.models import Photo
from facilities.photos import SIZES

DAY = 24 * 3600


@login_not_required
@require_GET
def photo(request: HttpRequest, key: UUID, size: str) -> HttpResponseBase:
    found = get_object_or_404(Photo.objects.open_to(request.user), key=key)
    if size not in SIZES:
        raise Http404
    response: HttpResponseBase
    if settings.MEDIA_ACCEL:
        response = HttpResponse(content_type="image/jpeg")
        response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL}{found.path(size)}"
    else:
        if not default_storage.exists(found.path(size)):
            raise Http404
        response = FileResponse(default_storage.open(found.path(size)), content_type="image/jpeg")
    response["Cache-Control"] = f"private, max-age={DAY}"
    response["X-Content-Type-Options"] = "nosniff"
    return response

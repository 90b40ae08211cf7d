"""A refusal, as the API answers it: 409, why, and what is free instead."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.api.serializers import FreeSlotSerializer
from portal.errors import Refused


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    if not isinstance(error, Refused):
        # What is not there is said in the reader's language, not in Django's words for programmers.
        return exception_handler(NotFound() if isinstance(error, Http404) else error, context)
    told = {
        "detail": str(error),
        "reason": getattr(error, "reason", "refused"),
        "free": FreeSlotSerializer(error.free, many=True).data,
    }
    return Response(told, status=error.status)

"""Bookings for other systems: the same rights, the same checks, the same refusals as on the pages."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from facilities import bookings
from facilities.bookings import Wish, whom
from facilities.models import Booking, Space
from portal.api import filters, serializers

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="At most 64 characters; the same key books once, however often it is sent.",
)
ANSWERS = {409: serializers.RefusalSerializer}


@extend_schema(tags=["bookings"])
class BookingViewSet(ReadOnlyModelViewSet):
    """预约：自己的；工作人员另有本地区的，服务商成员另有本服务商的。不含姓名。"""

    queryset = Booking.objects.select_related("space").order_by("-starts_at", "-pk")
    serializer_class = serializers.BookingSerializer
    filterset_class = filters.BookingFilter

    def get_queryset(self) -> QuerySet:
        return (
            Booking.objects.visible_to(self.request.user)
            .select_related("space")
            .order_by("-starts_at", "-pk")
        )

    @extend_schema(
        parameters=[KEY],
        request=serializers.WishSerializer,
        responses={201: serializers.BookingSerializer, **ANSWERS, 404: OpenApiTypes.OBJECT},
    )
    def create(self, request: Request, **kwargs: Any) -> Response:
        """预约一段时间；约不上时回答 409 和最近的空闲时间。"""
        asked = serializers.WishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wish, data = _wish(request, asked.validated_data), asked.validated_data
        if data["wait"]:
            made = bookings.wait(wish, by=request.user)
        else:
            made = bookings.book(wish, by=request.user, hold=data["hold"], key=_key(request))
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(request=None, responses={200: serializers.BookingSerializer, **ANSWERS})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """取消一个预约；时间随即空出来，先给候补的人。"""
        return self._stepped(bookings.cancel)

    @extend_schema(request=None, responses={200: serializers.BookingSerializer, **ANSWERS})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, **kwargs: Any) -> Response:
        """确认为自己保留的时间。"""
        return self._stepped(bookings.accept)

    def _stepped(self, step: Any) -> Response:
        booking = self.get_object()
        step(booking, by=self.request.user)
        booking.refresh_from_db()
        return Response(self.get_serializer(booking).data)


def _wish(request: Request, asked: dict[str, Any]) -> Wish:
    rooms = Space.objects.open_to(request.user).bookable().select_related("rule", "facility")
    space = get_object_or_404(rooms, pk=asked["space"])
    wish = Wish(space, asked["start"], asked["end"], asked["people"], asked["purpose"])
    if "provider" in asked:
        business = get_object_or_404(whom.businesses_of(request.user), ref=asked["provider"])
        wish = replace(wish, provider_id=business.pk)
    return wish


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 64 or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [_("最多 64 个看得见的字符。")]})
    return key

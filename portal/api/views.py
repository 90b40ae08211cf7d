"""Read-only resources; every one begins with what its reader may see."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from billing.models import Charge, CommunityMonth, Rebate, RegionMonth, Share
from billing.statements import statement_of
from facilities.bookings import Availability, Wish
from facilities.models import Community, Region, Space
from facilities.views.calendar import day_of
from portal.access import ScopedQuerySet
from portal.api import filters, serializers


class ScopedViewSet(ReadOnlyModelViewSet):
    """Rows visible to the reader; another's row does not exist."""

    rows: ScopedQuerySet

    def get_queryset(self) -> QuerySet:
        return self.rows.all().visible_to(self.request.user)


@extend_schema(tags=["regions"])
class RegionViewSet(ScopedViewSet):
    """行政区划，十二位统计用区划代码。"""

    queryset = rows = Region.objects.order_by("code")
    serializer_class = serializers.RegionSerializer
    filterset_class = filters.RegionFilter


@extend_schema(tags=["regions"])
class CommunityViewSet(ScopedViewSet):
    """使用本平台的社区。"""

    queryset = rows = Community.objects.order_by("region")
    serializer_class = serializers.CommunitySerializer
    filterset_class = filters.CommunityFilter


@extend_schema(tags=["spaces"])
class SpaceViewSet(ScopedViewSet):
    """可以预约的空间：工作人员看本地区的，其他人看对居民开放的。"""

    queryset = rows = Space.objects.select_related("facility", "zone").order_by("pk")
    serializer_class = serializers.SpaceSerializer
    filterset_class = filters.SpaceFilter

    def get_queryset(self) -> QuerySet:
        return (
            Space.objects.select_related("facility", "zone", "rule").order_by("pk").open_to(self.request.user)
        )

    @extend_schema(
        parameters=[OpenApiParameter("day", dt.date), OpenApiParameter("minutes", int)],
        responses=serializers.SlotSerializer(many=True),
    )
    @action(detail=True, pagination_class=None, filterset_class=None)
    def free(self, request: Request, **kwargs: Any) -> Response:
        """某一天可以开始预约的时间。"""
        space = self.get_object()
        day, text = day_of(request.query_params.get("day", "")), request.query_params.get("minutes", "")
        length = dt.timedelta(minutes=int(text) if text.isdecimal() and len(text) < 5 else 60)
        found = Availability.load([space], day, day)
        starts = (Wish(space, start, start + length) for start in found.grid(space, day))
        slots = [wish for wish in starts if found.why_not(wish, by=request.user) is None]
        return Response(serializers.SlotSerializer(slots, many=True).data)


@extend_schema(tags=["months"])
class CommunityMonthViewSet(ScopedViewSet):
    """已入账的月份：水电账户的收支和各项资金的期末。"""

    queryset = rows = CommunityMonth.objects.posted().select_related("close").order_by("-month", "community")
    serializer_class = serializers.CommunityMonthSerializer
    filterset_class = filters.CommunityMonthFilter

    @extend_schema(responses=serializers.StatementSerializer)
    @action(detail=True)
    def statement(self, request: Request, **kwargs: Any) -> Response:
        """这个月每一笔收支：分摊、收费、反哺和各账户的分录。"""
        return Response(serializers.StatementSerializer(statement_of(self.get_object())).data)


@extend_schema(tags=["months"])
class RegionMonthViewSet(ScopedViewSet):
    """各级地区的月报：下属已入账社区之和。"""

    queryset = rows = RegionMonth.objects.order_by("-month", "region")
    serializer_class = serializers.RegionMonthSerializer
    filterset_class = filters.RegionMonthFilter


@extend_schema(tags=["rows"])
class ShareViewSet(ScopedViewSet):
    """已入账的水电分摊；服务商成员看到自己的。"""

    queryset = rows = (
        Share.objects.posted()
        .select_related("sharing__bill", "sharing__close", "agreement__provider")
        .order_by("pk")
    )
    serializer_class = serializers.ShareSerializer
    filterset_class = filters.ShareFilter


@extend_schema(tags=["rows"])
class ChargeViewSet(ScopedViewSet):
    """已入账的收费：包干、物业费、更正。"""

    queryset = rows = (
        Charge.objects.posted().select_related("close", "correction", "agreement__provider").order_by("pk")
    )
    serializer_class = serializers.ChargeSerializer
    filterset_class = filters.ChargeFilter


@extend_schema(tags=["rows"])
class RebateViewSet(ScopedViewSet):
    """已入账的公益反哺。"""

    queryset = rows = Rebate.objects.posted().select_related("close", "agreement__provider").order_by("pk")
    serializer_class = serializers.RebateSerializer
    filterset_class = filters.RebateFilter

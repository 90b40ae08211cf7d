"""Filters of the API; each narrows the rows that the reader may see and can widen nothing."""

import django_filters
from django.db.models import QuerySet

from billing.models import Charge, CommunityMonth, Rebate, RegionMonth, Share
from facilities.models import Booking, BookingState, Community, Level, Region, Space, scope_prefix


class BelowFilter(django_filters.CharFilter):
    """Rows of a region and of everything under it; `field_name` is the path to the region's code."""

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__startswith": scope_prefix(value)}) if value else qs


class RegionFilter(django_filters.FilterSet):
    below = BelowFilter("code", label="12-digit code")
    level = django_filters.ChoiceFilter(choices=Level.choices)
    parent = django_filters.CharFilter("parent_id")
    name = django_filters.CharFilter(lookup_expr="contains")

    class Meta:
        model = Region
        fields: list[str] = []


class CommunityFilter(django_filters.FilterSet):
    below = BelowFilter("region__code", label="12-digit code")
    name = django_filters.CharFilter(lookup_expr="contains")

    class Meta:
        model = Community
        fields: list[str] = []


class SpaceFilter(django_filters.FilterSet):
    community = django_filters.CharFilter("community_id")
    below = BelowFilter("community__region__code", label="12-digit code")
    facility = django_filters.CharFilter("facility__ref")
    category = django_filters.CharFilter("category_id")
    holds = django_filters.NumberFilter("capacity", "gte")

    class Meta:
        model = Space
        fields: list[str] = []


class BookingFilter(django_filters.FilterSet):
    space = django_filters.NumberFilter("space_id")
    community = django_filters.CharFilter("community_id")
    state = django_filters.ChoiceFilter(choices=BookingState.choices)
    mine = django_filters.BooleanFilter(method="of_reader", label="only those the reader made")
    ends_after = django_filters.IsoDateTimeFilter("ends_at", "gt")
    starts_before = django_filters.IsoDateTimeFilter("starts_at", "lt")

    class Meta:
        model = Booking
        fields: list[str] = []

    def of_reader(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(booked_by=self.request.user.pk) if value else queryset


class MonthFilter(django_filters.FilterSet):
    """Months between two, both included."""

    month = django_filters.CharFilter()
    from_month = django_filters.CharFilter("month", "gte")
    to_month = django_filters.CharFilter("month", "lte")


class CommunityMonthFilter(MonthFilter):
    community = django_filters.CharFilter("community_id")
    below = BelowFilter("community__region__code", label="12-digit code")
    in_shortfall = django_filters.BooleanFilter(method="short")

    class Meta:
        model = CommunityMonth
        fields: list[str] = []

    def short(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(closing__lt=0) if value else queryset.filter(closing__gte=0)


class RegionMonthFilter(MonthFilter):
    region = django_filters.CharFilter("region_id")
    below = BelowFilter("region__code", label="12-digit code")

    class Meta:
        model = RegionMonth
        fields: list[str] = []


class ShareFilter(django_filters.FilterSet):
    community = django_filters.CharFilter("sharing__close__community_id")
    month = django_filters.CharFilter("sharing__close__month")
    bill = django_filters.CharFilter("sharing__bill__ref")
    agreement = django_filters.CharFilter("agreement__ref")

    class Meta:
        model = Share
        fields: list[str] = []


class ChargeFilter(django_filters.FilterSet):
    community = django_filters.CharFilter("close__community_id")
    month = django_filters.CharFilter("close__month")
    agreement = django_filters.CharFilter("agreement__ref")

    class Meta:
        model = Charge
        fields: list[str] = []


class RebateFilter(django_filters.FilterSet):
    community = django_filters.CharFilter("close__community_id")
    closed_in = django_filters.CharFilter("close__month")
    month = django_filters.CharFilter("month")
    agreement = django_filters.CharFilter("agreement__ref")

    class Meta:
        model = Rebate
        fields: list[str] = []

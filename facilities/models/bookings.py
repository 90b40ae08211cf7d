"""Bookings and the rows that make a double booking impossible."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import community_of
from portal.access import ScopedQuerySet
from portal.history import tracked


class BookingState(models.TextChoices):
    WAITING = "waiting", _("候补中")
    HELD = "held", _("已保留，待确认")
    REQUESTED = "requested", _("待审批")
    CONFIRMED = "confirmed", _("已预约")
    ATTENDED = "attended", _("已签到")
    NO_SHOW = "no_show", _("未到")
    CANCELLED = "cancelled", _("已取消")
    REJECTED = "rejected", _("未批准")
    EXPIRED = "expired", _("已过期")


# States in which a booking takes its rooms; the others have no occupancy.
TAKING = (
    BookingState.HELD,
    BookingState.REQUESTED,
    BookingState.CONFIRMED,
    BookingState.ATTENDED,
    BookingState.NO_SHOW,
)

BOOKED = (BookingState.CONFIRMED, BookingState.ATTENDED, BookingState.NO_SHOW)


class RuleQuerySet(ScopedQuerySet):
    region_path = "space__community__region__code"


@tracked()
class BookingRule(models.Model):
    """How one space is booked; a space without a rule cannot be booked."""

    space = models.OneToOneField(
        "facilities.Space", models.PROTECT, verbose_name=_("空间"), related_name="rule"
    )
    notice_minutes = models.PositiveIntegerField(_("至少提前（分钟）"), default=0)
    horizon_days = models.PositiveSmallIntegerField(_("最多提前（天）"), default=30)
    shortest_minutes = models.PositiveSmallIntegerField(_("最短（分钟）"), default=30)
    longest_minutes = models.PositiveSmallIntegerField(_("最长（分钟）"), default=240)
    step_minutes = models.PositiveSmallIntegerField(
        _("时间间隔（分钟）"),
        default=10,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
        help_text=_("开始和时长都是它的整数倍。"),
    )
    buffer_before = models.PositiveSmallIntegerField(_("前面留空（分钟）"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("后面留空（分钟）"), default=0)
    per_person = models.PositiveSmallIntegerField(
        _("每人最多同时有几个预约"), default=3, help_text=_("0 为不限；工作人员不受限。")
    )
    price_per_hour = models.DecimalField(
        _("每小时（元）"),
        max_digits=8,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("0 为免费。"),
    )
    needs_approval = models.BooleanField(_("需要审批"), default=False)
    hold_minutes = models.PositiveSmallIntegerField(
        _("保留多久（分钟）"), default=120, help_text=_("候补到的时间保留这么久，等本人确认。")
    )

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("预约规则")
        verbose_name_plural = pgettext_lazy("复数", "预约规则")
        ordering = ["space"]
        constraints = [
            models.CheckConstraint(
                condition=Q(longest_minutes__gte=F("shortest_minutes")) & Q(shortest_minutes__gte=5),
                name="bookingrule_lengths_in_order",
                violation_error_message=_("最短不少于 5 分钟，最长不能小于最短。"),
            ),
            models.CheckConstraint(
                condition=Q(price_per_hour__gte=0),
                name="bookingrule_price_not_negative",
                violation_error_message=_("价格不能为负。"),
            ),
            models.CheckConstraint(
                condition=Q(step_minutes__range=(5, 120)),
                name="bookingrule_step_sensible",
                violation_error_message=_("时间间隔为 5 到 120 分钟。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.space)

    def clean(self) -> None:
        """A length that fits the step has to lie between the shortest and the longest."""
        numbers = self.shortest_minutes, self.longest_minutes, self.step_minutes
        if all(numbers) and self.usual_minutes > self.longest_minutes:
            text = _("最短和最长之间没有时间间隔的整数倍，这样谁也约不了。")
            raise ValidationError({"step_minutes": text})

    @property
    def usual_minutes(self) -> int:
        """What is offered first: an hour, or what comes nearest to it among the lengths one may book."""
        shortest = -(-self.shortest_minutes // self.step_minutes) * self.step_minutes
        return max(shortest, min(60, self.longest_minutes) // self.step_minutes * self.step_minutes)


class BookingQuerySet(ScopedQuerySet):
    provider_path = "provider"

    def visible_to(self, user: Any, *roles: str) -> Self:
        """Staff see the bookings of their regions, members their provider's; whoever booked sees their own."""
        rows = super().visible_to(user, *roles)
        if roles or not user.is_active or user.is_superuser or not user.pk:
            return rows
        return rows | self.of(user)

    def of(self, user: Any) -> Self:
        """What somebody booked, and what is booked for those and the providers they act for."""
        people: Any = self.model._meta.get_field("resident").related_model
        mine = people._default_manager.acted_for_by(user).values("pk")
        return self.filter(Q(booked_by=user.pk) | Q(resident__in=mine) | Q(provider__in=user.provider_ids))

    def taking(self) -> Self:
        return self.filter(state__in=TAKING)

    def between(self, start: Any, end: Any) -> Self:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Booking(models.Model):
    """One space for one time; its occupancies, one a leaf space, keep everybody else out."""

    space = models.ForeignKey(
        "facilities.Space", models.PROTECT, verbose_name=_("空间"), related_name="bookings"
    )
    community = community_of("bookings", editable=False)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    state = models.CharField(_("状态"), max_length=10, choices=BookingState)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("预约人"),
        null=True,
        related_name="bookings",
    )
    booked_for = models.CharField(_("代谁预约"), max_length=40, blank=True)
    resident = models.ForeignKey(
        "residents.Resident",
        models.SET_NULL,
        verbose_name=_("为哪位居民"),
        null=True,
        blank=True,
        related_name="bookings",
    )
    provider = models.ForeignKey(
        "services.Provider",
        models.PROTECT,
        verbose_name=_("服务商"),
        null=True,
        blank=True,
        related_name="bookings",
    )
    purpose = models.CharField(_("用来做什么"), max_length=80, blank=True)
    people = models.PositiveSmallIntegerField(_("人数"), default=1, validators=[MinValueValidator(1)])
    price = models.DecimalField(_("费用（元）"), max_digits=10, decimal_places=2, default=0)
    series = models.UUIDField(_("系列"), null=True, editable=False)
    request_key = models.CharField(_("请求编号"), max_length=64, blank=True, editable=False)
    hold_until = models.DateTimeField(_("保留到"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("审批人"), null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("提交时间"), auto_now_add=True)
    arrived_at = models.DateTimeField(_("签到时间"), null=True, editable=False)
    pruned_at = models.DateTimeField(_("个人信息清除时间"), null=True, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("预约")
        verbose_name_plural = pgettext_lazy("复数", "预约")
        ordering = ["-starts_at", "-pk"]
        indexes = [
            models.Index(fields=["community", "starts_at"], name="booking_community_start"),
            models.Index(fields=["space", "starts_at"], name="booking_space_start"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="booking_in_order",
                violation_error_message=_("结束要晚于开始。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=BookingState.values),
                name="booking_state_known",
                violation_error_message=_("没有这样的状态。"),
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(hold_until__isnull=False),
                name="booking_hold_ends",
                violation_error_message=_("保留要有期限。"),
            ),
            models.UniqueConstraint(
                fields=["booked_by", "request_key"],
                condition=~Q(request_key=""),
                name="booking_request_once",
                violation_error_message=_("这个请求已经处理过。"),
            ),
            models.CheckConstraint(
                condition=Q(pruned_at=None) | Q(booked_by=None, resident=None, booked_for="", purpose=""),
                name="booking_pruned_names_nobody",
                violation_error_message=_("清除后不能再有个人信息。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.space} · {date_format(timezone.localtime(self.starts_at), 'DATETIME_FORMAT')}"


class CalendarQuerySet(ScopedQuerySet):
    region_path = "space__community__region__code"


class Occupancy(models.Model):
    """A leaf space is taken for a time, buffers included, by a booking or by another calendar.

    Two that overlap cannot exist, whoever writes them.
    """

    space = models.ForeignKey(
        "facilities.Space", models.PROTECT, verbose_name=_("空间"), related_name="occupancies"
    )
    during = DateTimeRangeField(_("时间"))
    booking = models.ForeignKey(
        Booking, models.PROTECT, verbose_name=_("预约"), null=True, related_name="occupancies"
    )
    block = models.ForeignKey(
        "facilities.Block", models.PROTECT, verbose_name=_("外部占用"), null=True, related_name="occupancies"
    )

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("占用")
        verbose_name_plural = pgettext_lazy("复数", "占用")
        constraints = [
            ExclusionConstraint(
                name="occupancy_no_overlap",
                expressions=[
                    (
                        Func("space_id", "space_id", Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("这段时间已经有人预约。"),
            ),
            models.CheckConstraint(
                condition=Q(booking=None, block__isnull=False) | Q(booking__isnull=False, block=None),
                name="occupancy_by_one",
                violation_error_message=_("占用要么来自预约，要么来自外部日历。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.space_id} {self.during}"


class RefusedWish(models.Model):
    """How often a wish could not be met on a day, in a place, for a function; nobody is named."""

    day = models.DateField(_("想用的日期"))
    space = models.ForeignKey(
        "facilities.Space", models.PROTECT, verbose_name=_("空间"), related_name="refused_wishes"
    )
    category = models.ForeignKey(
        "facilities.Category", models.PROTECT, verbose_name=_("功能类别"), null=True, related_name="+"
    )
    reason = models.CharField(_("原因"), max_length=16, choices={"taken": _("已约满"), "closed": _("不开放")})
    count = models.PositiveIntegerField(_("次数"), default=1)

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("未满足的需求")
        verbose_name_plural = pgettext_lazy("复数", "未满足的需求")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "space", "category", "reason"],
                nulls_distinct=False,
                name="refusedwish_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.space} · {date_format(self.day)}"


class VisitCount(models.Model):
    """How many people said at a space in an hour that they were there (打卡); who they were is not kept."""

    space = models.ForeignKey(
        "facilities.Space", models.PROTECT, verbose_name=_("空间"), related_name="visits"
    )
    hour = models.DateTimeField(_("时段"))
    count = models.PositiveIntegerField(_("人次"), default=0)

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("到访人次")
        verbose_name_plural = pgettext_lazy("复数", "到访人次")
        ordering = ["-hour"]
        constraints = [models.UniqueConstraint(fields=["space", "hour"], name="visitcount_once")]

    def __str__(self) -> str:
        return f"{self.space} · {date_format(timezone.localtime(self.hour), 'DATETIME_FORMAT')}"
